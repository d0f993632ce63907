"""Change login and address of one user, after a look at what changes and what follows by itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from oxherd.brands.abilities import Ability, can
from oxherd.domains.models import readable
from oxherd.domains.queries import caught_by, of_tenant
from oxherd.errors import Refused
from oxherd.groups.queries import of_user
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import has_ox
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.rename import RenameForm
from oxherd.panel.ox_dialogs import one
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.rename_commands import rename_user
from oxherd.resources.queries import managed_by

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Follower:
    """Objects that hold the user and not the address. what: such as "groups"; names: of the first few."""

    what: str
    count: int
    names: list[str]

    @property
    def more(self) -> int:
        return self.count - len(self.names)


@require_http_methods(["GET", "POST"])
def rename(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    tenant, user = one(request, tenant_id, pk)
    account = user.account if has_ox(user) else None
    form = RenameForm(user, account, list(of_tenant(tenant)), request.POST if request.method == "POST" else None)
    looks = request.POST.get("do") == "look"
    if not looks and form.is_valid():
        try:
            rename_user(actor=request.actor, user=user, **form.wish())
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"{user} was saved." if form.changes else "Nothing to change.")
            return answers.done(request, reverse("user", args=[tenant.pk, user.pk]))
    context = {
        "tenant": tenant,
        "user": user,
        "form": form,
        "looks": looks and bool(request.htmx),
        "followers": _followers(user),
        "name_in_ox": name_in_ox(user, account),
        "page_title": str(user),
    }
    return answers.dialog(request, "panel/user/rename.html", context, status=422 if form.errors else 200)


def name_in_ox(user: ServiceUser, account: OxAccount | None) -> str:
    """The name with which the user goes on signing in at OX whatever the login is; empty where it follows."""
    if account is None or account.ox_id is None or can(user.tenant.brand, Ability.RENAME_LOGIN):
        return ""
    return readable(account.ox_name)


def _followers(user: ServiceUser) -> list[Follower]:
    groups = [group.display_name for group in of_user(user)]
    resources = [resource.display_name for resource in managed_by(user)]
    catch_alls = [str(domain) for domain in caught_by(user.pk)]
    found = (
        _follower("group", groups),
        _follower("managed resource", resources),
        _follower("catch-all", catch_alls),
    )
    return [follower for follower in found if follower.count]


def _follower(what: str, names: Iterable[str]) -> Follower:
    names = list(names)
    return Follower(what if len(names) == 1 else f"{what}s", len(names), names[:MOST_NAMED])
