"""The verbs by which a forwarder and the platform's one are brought together again, in either direction.

`holds` is what the platform was found to hold: its `recipients`, as stored addresses.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains.models import readable
from oxherd.errors import Refused
from oxherd.forwarders import rules
from oxherd.forwarders.commands import ForwarderWish, ask, change_forwarder, held, insert_forwarder
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import Recipients, recipients_of, resolved, unseen
from oxherd.provisioning.states import SyncStatus
from oxherd.tenants.models import Tenant

Held = Mapping[str, Any]


@transaction.atomic
def send_forwarder_again(*, actor: Actor, forwarder: Forwarder, holds: Held) -> None:
    """The panel is right: send to the platform what it holds otherwise."""
    actor.require(Permission.REPAIR, forwarder)
    forwarder = _present(forwarder)
    _note(forwarder, holds)
    ask(actor, forwarder)


@transaction.atomic
def make_forwarder_again(*, actor: Actor, forwarder: Forwarder) -> None:
    """The panel is right: the platform shall have the forwarder it has not."""
    actor.require(Permission.REPAIR, forwarder)
    forwarder = _present(forwarder)
    forget_forwarders(forwarder.tenant, forwarder=forwarder)
    ask(actor, forwarder)


@transaction.atomic
def take_forwarder_over(*, actor: Actor, forwarder: Forwarder, holds: Held) -> None:
    """The platform is right: take over to whom it passes mail on. Raises Refused at recipients."""
    actor.require(Permission.REPAIR, forwarder)
    forwarder = _present(forwarder)
    _note(forwarder, holds)
    kept = recipients_of(forwarder)
    found = resolved(forwarder.tenant, holds["recipients"], strict=False)
    wanted = Recipients(found.users | unseen(kept.users), found.others)
    change_forwarder(actor=actor, forwarder=forwarder, wish=ForwarderWish(str(forwarder), wanted))
    ask(actor, forwarder)


@transaction.atomic
def adopt_forwarder(*, actor: Actor, tenant: Tenant, address: str, holds: Held) -> Forwarder:
    """Make a forwarder of the platform one of ours, without telling the platform anything.

    Raises Refused at address or recipients.
    """
    if Forwarder.objects.filter(tenant=tenant, applied__held__has_key=address).exists():
        raise Refused(f"The forwarder {readable(address)} has been taken over already.")
    wanted = resolved(tenant, holds["recipients"], strict=False)
    applied = {"held": {address: list(holds["recipients"])}}
    wish = ForwarderWish(readable(address), wanted)
    return insert_forwarder(actor, tenant, wish, applied=applied, status=SyncStatus.IN_OX)


def forget_forwarders(tenant: Tenant, *, forwarder: Forwarder | None = None) -> None:
    """Of what the platform knew of forwarders, nothing holds any more: of one of them, or of all of the tenant."""
    forwarders = Forwarder.objects.filter(tenant=tenant)
    (forwarders.filter(pk=forwarder.pk) if forwarder else forwarders).update(applied={})


def _present(forwarder: Forwarder) -> Forwarder:
    fresh = held(forwarder)
    rules.is_present(fresh)
    return fresh


def _note(forwarder: Forwarder, holds: Held) -> None:
    """Write down what the platform was found to hold: the next job sends what differs from it, and no more."""
    known = {**forwarder.applied.get("held", {}), forwarder.address: list(holds["recipients"])}
    Forwarder.objects.filter(pk=forwarder.pk).update(applied={"held": known})
