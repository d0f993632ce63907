"""Help for somebody who has lost the second factor."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from oxherd.administrators import queries
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.administrators.level import level_of
from oxherd.signin import rules
from oxherd.signin.recovery_commands import reset_second_factor


@require_http_methods(["GET", "POST"])
def reset(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    person = queries.administrator(request.actor, level.place, pk)
    rules.may_reset(request.actor, person)
    back = level.url("administrator", person.pk)
    if request.method == "POST":
        reset_second_factor(actor=request.actor, administrator=person)
        messages.success(request, f"{person} signs in with the password alone now. A mail tells so.")
        return answers.done(request, back)
    context = {
        "tenant": level.tenant,
        "person": person,
        "back": back,
        "action": level.url("administrator_second_factor", person.pk),
        "page_title": str(person),
    }
    return answers.dialog(request, "panel/administrators/reset_second_factor.html", context)
