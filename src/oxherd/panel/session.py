from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse


@login_not_required
def closed(request: HttpRequest, **kwargs: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Pages of the sign-in package that are not offered here, such as signing up."""
    raise Http404
