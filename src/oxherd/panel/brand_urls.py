from django.urls import path

from oxherd.panel import brand, brand_connection, brand_form, brands

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
    path("<int:pk>/logo/<str:digest>.png", brand.logo, name="brand_logo"),
]
