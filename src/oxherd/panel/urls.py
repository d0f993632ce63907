from django.urls import URLPattern, URLResolver, include, path

from oxherd.panel import banners, customers, options, removals, rename, undo, user, user_dialogs, user_groups, users

tenant: list[URLPattern | URLResolver] = [
    path("", users.home, name="tenant"),
    path("banners/", banners.show, name="banners"),
    path("retry/", banners.retry, name="tenant_retry"),
    path("options/<slug:name>/", options.show, name="options"),
    path("users/", users.listed, name="users"),
    path("users/add/", include("oxherd.panel.wizard_urls")),
    path("users/progress/", users.progress, name="users_progress"),
    path("users/remove/", removals.remove_ticked, name="users_remove"),
    path("users/<int:pk>/", user.show, name="user"),
    path("users/<int:pk>/status/", user.status, name="user_status"),
    path("users/<int:pk>/retry/", user.retry, name="user_retry"),
    path("users/<int:pk>/person/", user_dialogs.person, name="user_person"),
    path("users/<int:pk>/photo/", user_dialogs.photo, name="user_photo_change"),
    path("users/<int:pk>/password/", user_dialogs.password, name="user_password"),
    path("users/<int:pk>/password/strength/", user_dialogs.strength, name="user_password_strength"),
    path("users/<int:pk>/rename/", rename.rename, name="user_rename"),
    path("users/<int:pk>/remove/", removals.remove, name="user_remove"),
    path("users/<int:pk>/groups/", user_groups.join, name="user_groups"),
    path("users/<int:pk>/groups/leave/", user_groups.leave, name="user_groups_leave"),
    path("users/<int:pk>/photo/<str:digest>.jpg", user.photo, name="user_photo"),
    path("undo/entry/<int:pk>/", undo.entry, name="undo_entry"),
    path("undo/disable/<int:pk>/", undo.disable, name="undo_disable"),
    path("undo/<str:request_id>/", undo.act, name="undo_act"),
    path("ox/users/", include("oxherd.panel.ox_urls")),
    path("ox/groups/", include("oxherd.panel.group_urls")),
    path("ox/resources/", include("oxherd.panel.resource_urls")),
    path("ox/domains/", include("oxherd.panel.domain_urls")),
    path("ox/requests/", include("oxherd.panel.purchase_urls")),
    path("ox/differences/", include("oxherd.panel.difference_urls")),
]

urlpatterns = [
    path("", customers.home, name="home"),
    path("customers/", customers.listed, name="customers"),
    path("customers/switcher/", customers.switcher, name="tenant_switcher"),
    path("t/<int:tenant_id>/", include(tenant)),
    path("upsell/", include("oxherd.panel.upsell.urls")),
]
