from django.urls import path

from oxherd.panel import forwarder, nouns
from oxherd.panel.forwarders import FORWARDERS

urlpatterns = [
    path("", nouns.listed, {"noun": FORWARDERS}, name="forwarders"),
    path("progress/", nouns.progress, {"noun": FORWARDERS}, name="forwarders_progress"),
    path("remove/", nouns.remove, {"noun": FORWARDERS}, name="forwarders_remove"),
    path("retry/", nouns.retry, {"noun": FORWARDERS}, name="forwarders_retry"),
    path("add/", forwarder.add, name="forwarder_add"),
    path("<int:pk>/", forwarder.show, name="forwarder"),
    path("<int:pk>/status/", nouns.status, {"noun": FORWARDERS}, name="forwarder_status"),
]
