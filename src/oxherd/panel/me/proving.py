"""The present password, which dangerous acts of a service user ask for. Each wrong one counts."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from oxherd.errors import Refused
from oxherd.panel.me.entrance import TOO_MANY
from oxherd.people.models import ServiceUser


@contextmanager
def counted(request: HttpRequest, me: ServiceUser) -> Iterator[None]:
    """What runs inside tries the present password; a refusal at `old` means that it was wrong.

    Raises Refused at `old` after too many.
    """
    usage = ratelimit.consume(request, app="allauth.account", action="self_service", key=f"own-password:{me.pk}")
    if usage is None:
        raise Refused(TOO_MANY, field="old")
    try:
        yield
    except Refused as refused:
        if refused.field != "old":
            usage.rollback()
        raise
    usage.rollback()
