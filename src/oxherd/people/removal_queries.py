"""Who was removed, and what stands in the way of a restore."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.domains.models import OWNERS, Address, AddressKind, readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import NotYours, Refused
from oxherd.people import rules
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.queries import for_actor
from oxherd.people.search import name_key
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.rules import all_taken


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody else has taken meanwhile. field: of `Mending`, where the way out is given. values: what is lost."""

    field: str
    sentence: str
    values: tuple[str, ...] = ()


def removed(actor: Actor, tenant: Tenant) -> QuerySet[ServiceUser]:
    """Who was removed from this tenant and can be restored."""
    return for_actor(actor).filter(tenant=tenant, presence=Presence.REMOVED)


def one_removed(actor: Actor, tenant: Tenant, pk: int) -> ServiceUser:
    """Raises NotYours for one who is not among the removed of this tenant, or whom the actor may not see."""
    users = removed(actor, tenant).select_related("tenant__brand", "domain", "account__profile")
    user = users.filter(pk=pk).first()
    if user is None:
        raise NotYours("There is no such user.")
    return user


def account_of(user: ServiceUser, *, leaving: bool = False) -> OxAccount | None:
    """The user's OX account, enabled or set aside by a removal; one that is leaving only where that is asked for."""
    accounts = OxAccount.objects.filter(user=user).select_related("profile", "tenant")
    return (accounts.filter if leaving else accounts.exclude)(presence=Presence.LEAVING).first()


def conflicts_of(user: ServiceUser) -> list[Conflict]:
    """What must be mended before this user can be restored, each with the field to mend; none: as it was."""
    account = OxAccount.objects.filter(user=user, presence=Presence.REMOVED).select_related("profile").first()
    primary = account.primary_address if account else user.login
    aliases: list[str] = account.kept_aliases if account else []
    lost = _lost(user, {user.login, primary, *aliases})
    conflicts = [_login(user, lost)]
    if account:
        if primary != user.login and primary in lost:
            conflicts.append(Conflict("primary_address", lost[primary], (primary,)))
        if gone := tuple(alias for alias in aliases if alias in lost):
            conflicts.append(Conflict("aliases", " ".join(lost[alias] for alias in gone), gone))
        conflicts += [_profile(account), _display_name(user)]
    return [conflict for conflict in conflicts if conflict]


def _login(user: ServiceUser, lost: dict[str, str]) -> Conflict | None:
    if user.login in lost:
        return Conflict("login", lost[user.login], (user.login,))
    try:
        rules.login_is_free(user.login, user.tenant, but_for=user.pk)
    except Refused as refused:
        return Conflict("login", refused.sentence, (user.login,))
    return None


def _lost(user: ServiceUser, addresses: Iterable[str]) -> dict[str, str]:
    """Of these addresses those that cannot be had back, each with the sentence that says why."""
    domains = set(of_tenant(user.tenant).values_list("name", flat=True))
    held = Address.objects.filter(address__in=set(addresses)).select_related(*OWNERS)
    lost = {row.address: _held_by(row) for row in held if row.user_id != user.pk}
    for address in addresses:
        if address.rpartition("@")[2] not in domains:
            lost[address] = f"The domain of {readable(address)} was removed."
    return lost


def _held_by(row: Address) -> str:
    kinds = {AddressKind.LOGIN: "the login", AddressKind.PRIMARY: "the primary address", AddressKind.ALIAS: "an alias"}
    return f"{row} is {kinds.get(AddressKind(row.kind), 'the address')} of {row.owner} now."


def _profile(account: OxAccount) -> Conflict | None:
    seats = Seats.objects.filter(tenant_id=account.tenant_id, profile_id=account.profile_id).first()
    if seats is None:
        return Conflict("profile", f"The profile {account.profile} is no longer part of this subscription.")
    if seats.free is not None and seats.free <= 0:
        return Conflict("profile", all_taken(seats.number, account.profile))
    return None


def _display_name(user: ServiceUser) -> Conflict | None:
    claimed = name_key(user.display_name) if user.tenant.brand.unique_display_names else None
    try:
        rules.display_name_is_free(user.tenant, claimed, but_for=user.pk)
    except Refused as refused:
        return Conflict("display_name", refused.sentence, (user.display_name,))
    return None
