from django.urls import path

from oxherd.panel import brand, brand_connection, brand_form, brand_profiles, brand_upsell, brands

urlpatterns = [
    path("", brands.listed, name="brands"),
    path("add/", brand_form.add, name="brand_add"),
    path("test/", brand_connection.test, name="brand_test"),
    path("test/<int:pk>/", brand_connection.trial, name="brand_trial"),
    path("<int:pk>/", brand.show, name="brand"),
    path("<int:pk>/edit/", brand_form.edit, name="brand_edit"),
    path("<int:pk>/ask/", brand_connection.ask, name="brand_ask"),
    path("<int:pk>/connection/", brand_connection.state, name="brand_connection"),
    path("<int:pk>/remove/", brand.remove, name="brand_remove"),
    path("<int:pk>/combinations/", brand_profiles.combinations, name="brand_combinations"),
    path("<int:pk>/profiles/", brand_profiles.listed, name="brand_profiles"),
    path("<int:pk>/profiles/add/", brand_profiles.add, name="brand_profile_add"),
    path("<int:pk>/profiles/<int:profile_pk>/", brand_profiles.page, name="brand_profile"),
    path("<int:pk>/profiles/<int:profile_pk>/edit/", brand_profiles.edit, name="brand_profile_edit"),
    path("<int:pk>/profiles/<int:profile_pk>/remove/", brand_profiles.remove, name="brand_profile_remove"),
    path("<int:pk>/profiles/<int:profile_pk>/progress/", brand_profiles.progress, name="brand_profile_progress"),
    path("<int:pk>/upsell/", brand_upsell.upsell, name="brand_upsell"),
    path("<int:pk>/upsell/address/", brand_upsell.new_address, name="brand_upsell_address"),
    path("<int:pk>/upsell/preview/", brand_upsell.preview, name="brand_upsell_preview"),
    path("<int:pk>/look/", brand_upsell.look, name="brand_look"),
    path("<int:pk>/logo/<str:digest>.png", brand.logo, name="brand_logo"),
]
