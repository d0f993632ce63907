"""Who of many can be given OX at once, with which address, and who cannot and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from oxherd.domains.models import Address, Domain, readable
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.search import name_key
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class LeftOut:
    user: ServiceUser
    why: str


@dataclass(frozen=True, slots=True)
class Enabling:
    """What enabling OX for many comes to. addresses: the stored primary address by user id of those who are ready."""

    ready: list[ServiceUser] = field(default_factory=list)
    addresses: dict[int, str] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[ServiceUser, str]]:
        """Who is ready, each with the address."""
        return [(user, self.addresses[user.pk]) for user in self.ready]


def plan(tenant: Tenant, users: Sequence[ServiceUser], domain: Domain) -> Enabling:
    """What would come of it, for users of this tenant; whose name comes first has the first claim to an address.

    Three queries, however many they are. Each one's address is what stands before the @ of the login, in the domain.
    """
    users = sorted(users, key=lambda user: (user.sort_name, user.pk))
    wanted = {user.pk: f"{user.login.rpartition('@')[0]}@{domain.name}" for user in users}
    accounts = dict(OxAccount.objects.filter(user__in=list(wanted)).values_list("user_id", "presence"))
    holders = dict(Address.objects.filter(address__in=set(wanted.values())).values_list("address", "user_id"))
    names = _claimed(tenant, users)
    made = Enabling()
    promised: dict[str, ServiceUser] = {}
    for user in users:
        address, name = wanted[user.pk], name_key(user.display_name)
        why = _no_account_possible(user, accounts.get(user.pk))
        if not why and address in holders and holders[address] != user.pk:
            why = f"{readable(address)} is taken."
        elif not why and address in promised:
            why = f"{readable(address)} goes to {promised[address]}."
        elif not why and name in names:
            why = "OX takes a display name once, and another user with OX has this one."
        if why:
            made.left_out.append(LeftOut(user, why))
            continue
        promised[address] = user
        if tenant.brand.unique_display_names:
            names.add(name)
        made.ready.append(user)
        made.addresses[user.pk] = address
    return made


def _no_account_possible(user: ServiceUser, account: str | None) -> str:
    if user.presence != Presence.PRESENT:
        return "This user is being removed."
    if account == Presence.PRESENT:
        return "OX is enabled already."
    return "" if account is None else "OX is still letting go of the account before. Try again in a moment."


def _claimed(tenant: Tenant, users: Iterable[ServiceUser]) -> set[str]:
    """Which of the users' display names somebody in the tenant has in OX already."""
    if not tenant.brand.unique_display_names:
        return set()
    names = {name_key(user.display_name) for user in users}
    claimed = OxAccount.objects.filter(tenant=tenant, claimed_name__in=names)
    return {name for name in claimed.values_list("claimed_name", flat=True) if name is not None}
