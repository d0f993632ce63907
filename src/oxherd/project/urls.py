from django.urls import include, path

from oxherd.project.health import health

urlpatterns = [
    path("healthz", health),
    path("sign-in/", include("allauth.account.urls")),
    path("", include("oxherd.panel.urls")),
]

handler400 = "oxherd.panel.faults.bad_request"
handler403 = "oxherd.panel.faults.forbidden"
handler404 = "oxherd.panel.faults.not_found"
handler500 = "oxherd.panel.faults.server_error"
