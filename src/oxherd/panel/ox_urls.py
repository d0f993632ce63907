from django.urls import path

from oxherd.panel import ox_edit, ox_enable, ox_list, ox_users

urlpatterns = [
    path("", ox_list.listed, name="ox_users"),
    path("progress/", ox_list.progress, name="ox_users_progress"),
    path("arrivals/", ox_list.arrivals, name="ox_users_arrivals"),
    path("profile/", ox_users.profile, name="ox_profile"),
    path("disable/", ox_users.disable, name="ox_disable"),
    path("retry/", ox_users.retry, name="ox_retry"),
    path("enable/", ox_enable.enable_many, name="ox_enable_ticked"),
    path("edit/", ox_edit.edit_ticked, name="ox_edit_ticked"),
    path("<int:pk>/enable/", ox_enable.enable, name="ox_enable"),
    path("<int:pk>/edit/", ox_edit.edit, name="ox_edit"),
]
