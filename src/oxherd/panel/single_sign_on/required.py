from django.http import HttpRequest, HttpResponse

from oxherd.accounts.models import Administrator
from oxherd.accounts.queries import actor_of
from oxherd.accounts.states import Door
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.single_sign_on import queries


def led_elsewhere(request: HttpRequest, administrator: Administrator, *, after: str) -> HttpResponse | None:
    """To the identity provider, for whom there is no other way in; None for whoever may go on here.

    Operators may break the glass: that is written down.
    """
    from oxherd.panel.single_sign_on.entrance import leave

    if hasattr(request, "identity_provider"):  # it is where the person comes from
        return None
    row = queries.required_for(administrator)
    if row is None:
        return None
    if queries.may_break_glass(administrator):
        request_id: str = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
        actor = actor_of(administrator, door=Door.PANEL, request_id=request_id)
        record(actor, Action.IDENTITY_BREAK_GLASS, row, place=row)
        return None
    return leave(request, row, after=after, hint=administrator.email)
