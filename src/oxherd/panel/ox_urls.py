from django.urls import path

from oxherd.panel import ox_list, ox_users

urlpatterns = [
    path("", ox_list.listed, name="ox_users"),
    path("progress/", ox_list.progress, name="ox_users_progress"),
    path("profile/", ox_users.profile, name="ox_profile"),
    path("disable/", ox_users.disable, name="ox_disable"),
    path("retry/", ox_users.retry, name="ox_retry"),
    path("enable/", ox_users.enable_ticked, name="ox_enable_ticked"),
    path("aliases/", ox_users.aliases_of_ticked, name="ox_aliases_ticked"),
    path("<int:pk>/enable/", ox_users.enable, name="ox_enable"),
    path("<int:pk>/aliases/", ox_users.aliases, name="ox_aliases"),
]
