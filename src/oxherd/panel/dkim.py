"""What is done to the DKIM keys of a domain; without script each dialog is a page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.dkim import commands, rules
from oxherd.dkim.models import DkimKey
from oxherd.dkim.queries import key_in_state
from oxherd.dkim.states import KeyState
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.domain import found

NONE = {
    KeyState.ACTIVE: "No key signs mail of {domain} any more. Reload the page to see how it stands.",
    KeyState.WAITING: "No key of {domain} waits any more. Reload the page to see how it stands.",
}


@require_POST
def make(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Make a key, at once: it changes nothing until its record is in the DNS."""
    _, domain = found(request, tenant_id, pk)
    key = commands.add_key(actor=request.actor, domain=domain)
    messages.success(request, f"The key {key} was made. Set its record in the DNS of {domain}: then it signs.")
    return answers.done(request, _page(domain))


@require_http_methods(["GET", "POST"])
def rotate(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Make the next key, after it was told what is to be done and what happens by itself."""

    def act(actor: Actor, key: DkimKey) -> str:
        fresh = commands.rotate(actor=actor, domain=key.domain)
        return f"The key {fresh} was made. Set its record in the DNS of {key.domain}: then it takes over from {key}."

    return _asked(request, _domain(request, tenant_id, pk), KeyState.ACTIVE, "rotate", act)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Remove the key that waits."""

    def act(actor: Actor, key: DkimKey) -> str:
        commands.remove_key(actor=actor, key=key)
        return f"The key {key} was removed. If its record is in the DNS already, remove it there too."

    return _asked(request, _domain(request, tenant_id, pk), KeyState.WAITING, "remove", act)


@require_http_methods(["GET", "POST"])
def stop(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Retire the key that signs, without another one."""

    def act(actor: Actor, key: DkimKey) -> str:
        commands.retire_key(actor=actor, key=key)
        return f"Mail of {key.domain} is not signed any more."

    return _asked(request, _domain(request, tenant_id, pk), KeyState.ACTIVE, "stop", act)


def _domain(request: PanelRequest, tenant_id: int, pk: int) -> Domain:
    """Raises NotYours for one out of sight, NotAllowed for who may not manage it, Refused where nothing is signed."""
    tenant, domain = found(request, tenant_id, pk)
    request.actor.require(Permission.MANAGE_DOMAINS, tenant)
    rules.takes_keys(domain)
    return domain


def _asked(
    request: PanelRequest, domain: Domain, state: KeyState, name: str, act: Callable[[Actor, DkimKey], str]
) -> HttpResponse:
    """The dialog of that name about the key in that state; sent, the act, which returns what is then told."""
    key = key_in_state(domain, state)
    if key is None:
        raise Refused(NONE[state].format(domain=domain))
    if request.method == "POST":
        messages.success(request, act(request.actor, key))
        return answers.done(request, _page(domain))
    waiting = key_in_state(domain, KeyState.WAITING)
    active = key_in_state(domain, KeyState.ACTIVE)
    context = {
        "domain": domain,
        "tenant": domain.tenant,
        "key": key,
        "waiting": waiting,
        "active": active,
        "back": _page(domain),
        "page_title": str(domain),
    }
    return answers.dialog(request, f"panel/domains/dkim_{name}.html", context)


def _page(domain: Domain) -> str:
    return reverse("domain", args=[domain.tenant_id, domain.pk])
