from django.urls import path

from oxherd.panel import invitation

urlpatterns = [
    path("", invitation.show, name="invitation"),
    path("<str:token>/", invitation.arrive, name="invitation_link"),
]
