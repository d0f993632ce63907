"""What comboboxes offer: out of many objects the few that match what is typed, found here and not in the page.

A new one is a line in SOURCES, a `Combobox` field in the form, and <c-combobox> in the template.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from oxherd.accounts.actor import Actor
from oxherd.domains.models import readable
from oxherd.errors import NotYours
from oxherd.groups import queries as groups
from oxherd.groups.models import Group
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.people import queries
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

MOST = 20
NOBODY = "nobody"  # the value of the option that says so, where "not chosen yet" is something else


@dataclass(frozen=True, slots=True)
class Option:
    """value: what the form sends. detail: what tells two of one name apart, such as the address."""

    value: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the options of a combobox come from.

    found: the first few objects that match a text, as many as asked for. one: the object of a value as it was sent,
    None for one that is not to be had (any more).
    """

    found: Callable[[Actor, Tenant, str, int], Iterable[Any]]
    one: Callable[[Actor, Tenant, str], Any]
    option: Callable[[Any], Option]


def offered(
    source: Source, actor: Actor, tenant: Tenant, text: str, but: Iterable[str] = ()
) -> tuple[list[Option], bool]:
    """The first options that match, and whether there are more. but: values that are not offered."""
    but = set(but)
    options = [source.option(each) for each in source.found(actor, tenant, text, MOST + 1 + len(but))]
    options = [option for option in options if option.value not in but]
    return options[:MOST], len(options) > MOST


@require_GET
def show(request: PanelRequest, tenant_id: int, name: str) -> HttpResponse:
    """The options for what is typed (`q`), as items of a list box; `none` and `nobody` come first while nothing is."""
    tenant = tenants.one(request.actor, tenant_id)
    source = SOURCES.get(name)
    if source is None:
        raise NotYours("There is no such list.")
    text = request.GET.get("q", "").replace("\x00", "").strip()
    options, more = offered(source, request.actor, tenant, text, request.GET.get("but", "").split(","))
    words = {name: "" if text else request.GET.get(name, "")[:200] for name in ("none", "nobody")}
    fixed = [Option(value, words[name]) for name, value in (("none", ""), ("nobody", NOBODY)) if words[name]]
    return render(request, "panel/options.html", {"options": [*fixed, *options], "more": more})


def _users_with_ox(actor: Actor, tenant: Tenant, text: str, number: int) -> Iterable[ServiceUser]:
    users = queries.found(actor, tenant, text=text).filter(presence=Presence.PRESENT)
    users = users.filter(account__presence=Presence.PRESENT).select_related("account")
    return users.defer("search", "search_text", "password_hash").order_by("sort_name", "id")[:number]


def _user_with_ox(actor: Actor, tenant: Tenant, value: str) -> ServiceUser | None:
    users = queries.for_actor(actor).filter(tenant=tenant, pk__in=chosen([value]), presence=Presence.PRESENT)
    return users.filter(account__presence=Presence.PRESENT).select_related("account").first()


def _user_option(user: ServiceUser) -> Option:
    return Option(str(user.pk), user.display_name, readable(user.account.primary_address))


def _groups(actor: Actor, tenant: Tenant, text: str, number: int) -> Iterable[Group]:
    found = groups.found(actor, tenant, text=text).filter(presence=Presence.PRESENT)
    return found.order_by("sort_name", "id")[:number]


def _group(actor: Actor, tenant: Tenant, value: str) -> Group | None:
    return next(iter(groups.some(actor, tenant, chosen([value]))), None)


def _group_option(group: Group) -> Option:
    return Option(str(group.pk), group.display_name, group.name if group.name != group.display_name else "")


SOURCES: dict[str, Source] = {
    # Who gets what is addressed to nobody.
    "catch-alls": Source(_users_with_ox, _user_with_ox, _user_option),
    # Who may decide on bookings, and so needs OX.
    "managers": Source(_users_with_ox, _user_with_ox, _user_option),
    # Who can get mail.
    "mailboxes": Source(_users_with_ox, _user_with_ox, _user_option),
    "groups": Source(_groups, _group, _group_option),
}
