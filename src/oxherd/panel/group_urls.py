from django.urls import URLPattern, URLResolver, include, path

from oxherd.panel import group, group_changes, nouns
from oxherd.panel.groups import GROUPS

# The form, for a new group by its draft's key, for another by the group's id.
form: list[URLPattern | URLResolver] = [
    path("", group.show, name="group"),
    path("keep/", group.keep, name="group_keep"),
    path("members/", group.members, name="group_members"),
    path("changes/", group_changes.show, name="group_changes"),
    path("paste/", group_changes.paste, name="group_paste"),
]

urlpatterns = [
    path("", nouns.listed, {"noun": GROUPS}, name="groups"),
    path("progress/", nouns.progress, {"noun": GROUPS}, name="groups_progress"),
    path("remove/", nouns.remove, {"noun": GROUPS}, name="groups_remove"),
    path("retry/", nouns.retry, {"noun": GROUPS}, name="groups_retry"),
    path("add/", group.start, name="group_add"),
    path("add/<uuid:key>/", include(form)),
    path("<int:pk>/", include(form)),
    path("<int:pk>/status/", nouns.status, {"noun": GROUPS}, name="group_status"),
]
