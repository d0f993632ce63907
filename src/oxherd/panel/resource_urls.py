from django.urls import path

from oxherd.panel import nouns, resource
from oxherd.panel.resources import RESOURCES

urlpatterns = [
    path("", nouns.listed, {"noun": RESOURCES}, name="resources"),
    path("progress/", nouns.progress, {"noun": RESOURCES}, name="resources_progress"),
    path("remove/", nouns.remove, {"noun": RESOURCES}, name="resources_remove"),
    path("retry/", nouns.retry, {"noun": RESOURCES}, name="resources_retry"),
    path("add/", resource.add, name="resource_add"),
    path("<int:pk>/", resource.show, name="resource"),
    path("<int:pk>/status/", nouns.status, {"noun": RESOURCES}, name="resource_status"),
]
