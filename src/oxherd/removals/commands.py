"""Users leave, and hand over what they look after: resources whose bookings they decide on, and stray mail."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.domains.commands import change_domain
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.people.bulk_commands import disable_ox_of_all
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.provisioning.states import Presence
from oxherd.removals.ties import caught_by, managed
from oxherd.resources.commands import hand_over, held_all
from oxherd.resources.models import Resource
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered

Row = TypeVar("Row", Resource, Domain)


@dataclass(frozen=True, slots=True)
class Heirs:
    """Who takes over, as an administrator has chosen.

    manager: decides on bookings from now on; None: everybody books directly. catch_all: gets what is addressed to
    nobody; None: such mail is refused. managers, catch_alls: for whom it is to be somebody else, by the id of the
    resource and of the domain.
    """

    manager: ServiceUser | None = None
    catch_all: ServiceUser | None = None
    managers: Mapping[int, ServiceUser | None] = field(default_factory=dict)
    catch_alls: Mapping[int, ServiceUser | None] = field(default_factory=dict)


@transaction.atomic
def remove_users(*, actor: Actor, users: Sequence[ServiceUser], heirs: Heirs | None = None) -> None:
    """Remove users, all or none, after they have handed over to `heirs`.

    Raises Refused at `manager` or `catch_all` where one of them looks after something and no heirs are given, or one
    who cannot take over (at `manager_17` or `catch_all_17` for one of `Heirs.managers`, `Heirs.catch_alls`); and as
    `remove_user` does.
    """
    for user in users:
        is_ours(user.tenant, actor, Mastered.USERS)
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
    resources = held_all(managed(users))
    caught = list(caught_by(users).select_related("tenant__brand").order_by("pk"))
    going = {user.pk for user in users}
    if resources and heirs is None:
        raise Refused("Some of these users manage resources. Choose who manages them from now on.", field="manager")
    if caught and heirs is None:
        raise Refused("Some of these users get stray mail. Choose who gets it from now on.", field="catch_all")
    if heirs is None:
        return
    for heir, name, own in _by_heir(resources, heirs.manager, heirs.managers, "manager"):
        with _refused_at(name):
            _can_take_over(heir, going)
            hand_over(actor=actor, resources=own, managers={resource.pk: heir for resource in own})
    for heir, name, domains in _by_heir(caught, heirs.catch_all, heirs.catch_alls, "catch_all"):
        with _refused_at(name):
            _can_take_over(heir, going)
            address = _address_of(heir)
            for domain in domains:
                change_domain(actor=actor, domain=domain, catch_all=address)


def _by_heir(
    rows: Iterable[Row], common: ServiceUser | None, own: Mapping[int, ServiceUser | None], name: str
) -> list[tuple[ServiceUser | None, str, list[Row]]]:
    """Who gets which of them, each with the field in which that was chosen."""
    shares: dict[tuple[bool, int], tuple[ServiceUser | None, str, list[Row]]] = {}
    for row in rows:
        heir = own.get(row.pk, common)
        key = (row.pk in own, heir.pk if heir else 0)
        shares.setdefault(key, (heir, f"{name}_{row.pk}" if row.pk in own else name, []))[2].append(row)
    return list(shares.values())


@contextmanager
def _refused_at(name: str) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise Refused(refused.sentence, field=name) from refused


def _can_take_over(heir: ServiceUser | None, going: set[int]) -> None:
    if heir is not None and heir.pk in going:
        raise Refused(f"{heir} is leaving, too. Choose somebody else.")


def _address_of(heir: ServiceUser | None) -> str:
    if heir is None:
        return ""
    account = OxAccount.objects.filter(user=heir, presence=Presence.PRESENT).first()
    if account is None:
        raise Refused(f"OX is not enabled for {heir}, who could not get this mail.")
    return account.primary_address
