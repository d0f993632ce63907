"""What a level asks of those who sign in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from oxherd.administrators import policies, queries
from oxherd.errors import Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.administrators.level import level_of
from oxherd.panel.forms.administrators import RulesForm
from oxherd.panel.forms.refusals import show as show_at


@require_http_methods(["GET", "POST"])
def show(request: PanelRequest, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    policy = queries.policy(level.place)
    form = RulesForm(policy, queries.named_roles(level.place), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            policies.change_policy(actor=request.actor, wish=form.wish(), **level.where)
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, "Saved. It holds from the next click on.")
            return redirect(level.url("administrator_rules"))
    context = {
        "tenant": level.tenant,
        "level": level,
        "pages": level.pages,
        "form": form,
        "action": level.url("administrator_rules"),
        "place_choices": level.choices(),
    }
    return render(request, "panel/administrators/rules.html", context, status=422 if form.errors else 200)
