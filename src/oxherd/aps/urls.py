from django.urls import path

from oxherd.aps.views import endpoint

# One view for all: which addresses there are, the types say.
urlpatterns = [path("", endpoint), path("<path:path>", endpoint, name="aps")]
