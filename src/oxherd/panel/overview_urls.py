from django.urls import path

from oxherd.panel import overview, overview_dialogs, overview_removal, self_service

urlpatterns = [
    path("", overview.show, name="overview"),
    path("state/", overview.state, name="overview_state"),
    path("stored/", overview.stored, name="overview_stored"),
    path("seats/", overview_dialogs.seats, name="overview_seats"),
    path("limits/", overview_dialogs.limits, name="overview_limits"),
    path("name/", overview_dialogs.name, name="overview_name"),
    path("suspend/", overview_dialogs.suspend, name="overview_suspend"),
    path("resume/", overview_dialogs.resume, name="overview_resume"),
    path("self-service/", self_service.switch, name="overview_self_service"),
    path("remove/", overview_removal.remove, name="overview_remove"),
    path("restore/", overview_removal.restore, name="overview_restore"),
    path("delete/", overview_removal.delete, name="overview_delete"),
    path("export/", overview_removal.export, name="overview_export"),
]
