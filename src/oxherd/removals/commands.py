"""Users leave, and hand over what they look after: resources whose bookings they decide on, and stray mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.domains.commands import change_domain
from oxherd.errors import Refused
from oxherd.people.bulk_commands import disable_ox_of_all
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.provisioning.states import Presence
from oxherd.removals.ties import caught_by, managed_by
from oxherd.resources.commands import hand_over


@dataclass(frozen=True, slots=True)
class Heirs:
    """Who takes over, as an administrator has chosen.

    manager: decides on bookings from now on; None: everybody books directly. catch_all: gets what is addressed to
    nobody; None: such mail is refused.
    """

    manager: ServiceUser | None = None
    catch_all: ServiceUser | None = None


@transaction.atomic
def remove_users(*, actor: Actor, users: Sequence[ServiceUser], heirs: Heirs | None = None) -> None:
    """Remove users, all or none, after they have handed over to `heirs`.

    Raises Refused at `manager` or `catch_all` where one of them looks after something and no heirs are given, or one
    who cannot take over; and as `remove_user` does.
    """
    _hand_over(actor, users, heirs)
    for user in sorted(users, key=lambda each: each.pk):  # in one order for everybody
        remove_user(actor=actor, user=user)


@transaction.atomic
def disable_users(*, actor: Actor, users: Sequence[ServiceUser], heirs: Heirs | None = None) -> int:
    """Take the OX accounts of users away, all or none, after they have handed over; returns of how many.

    Raises Refused as `remove_users` and `disable_ox_of_all` do.
    """
    _hand_over(actor, users, heirs)
    return disable_ox_of_all(actor=actor, users=users)


def _hand_over(actor: Actor, users: Sequence[ServiceUser], heirs: Heirs | None) -> None:
    """Before any user is locked: whoever changes a resource or a domain holds that first."""
    managers, caught = managed_by(users), list(caught_by(users).select_related("tenant__brand").order_by("pk"))
    going = {user.pk for user in users}
    if managers:
        if heirs is None:
            raise Refused("Some of these users manage resources. Choose who manages them from now on.", field="manager")
        _can_take_over(heirs.manager, going, "manager")
        for user in managers:
            hand_over(actor=actor, user=user, manager=heirs.manager)
    if caught:
        if heirs is None:
            raise Refused("Some of these users get stray mail. Choose who gets it from now on.", field="catch_all")
        _can_take_over(heirs.catch_all, going, "catch_all")
        address = _address_of(heirs.catch_all)
        for domain in caught:
            change_domain(actor=actor, domain=domain, catch_all=address)


def _can_take_over(heir: ServiceUser | None, going: set[int], field: str) -> None:
    if heir is not None and heir.pk in going:
        raise Refused(f"{heir} is leaving, too. Choose somebody else.", field=field)


def _address_of(heir: ServiceUser | None) -> str:
    if heir is None:
        return ""
    account = OxAccount.objects.filter(user=heir, presence=Presence.PRESENT).first()
    if account is None:
        raise Refused(f"OX is not enabled for {heir}, who could not get this mail.", field="catch_all")
    return account.primary_address
