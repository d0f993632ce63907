from django.urls import include, path

from oxherd.project.health import health

urlpatterns = [
    path("healthz", health),
    path("sign-in/", include("allauth.account.urls")),
    path("", include("oxherd.panel.urls")),
]
