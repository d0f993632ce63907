"""Addresses of elsewhere that get a group's mail, and who may write to it: where we carry the brand's mail."""

from collections.abc import Collection, Sequence

from oxherd.domains.anywhere import any_address
from oxherd.domains.models import OWNERS, Address, readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.groups import rules
from oxherd.groups.models import Group, OutsideMember
from oxherd.tenants.models import Tenant

MOST_TOLD = 5


def outside_of(group: Group) -> list[str]:
    """The stored addresses, sorted."""
    return sorted(OutsideMember.objects.filter(group=group).values_list("address", flat=True))


def meant(tenant: Tenant, typed: Collection[str]) -> tuple[set[str], list[str]]:
    """The stored forms of these addresses, and a sentence for each that is not to be had; two queries."""
    stored: set[str] = set()
    problems: list[str] = []
    for each in typed:
        try:
            stored.add(any_address(each, "outside"))
        except Refused as refused:
            problems.append(refused.sentence)
    ours = set(of_tenant(tenant).values_list("name", flat=True)) if stored else set()
    inside = sorted(address for address in stored if address.rpartition("@")[2] in ours)
    rows = Address.objects.filter(address__in=inside).select_related(*OWNERS) if inside else ()
    held = {row.address: row for row in rows}
    problems += [_of_ours(address, held.get(address)) for address in inside]
    return stored, problems


def told(problems: Sequence[str]) -> list[str]:
    """The first few sentences, and how many more there are."""
    more = len(problems) - MOST_TOLD
    return [*problems[:MOST_TOLD], *([f"And {more} more."] if more > 0 else [])]


def resolved(tenant: Tenant, typed: Collection[str]) -> set[str]:
    """As `meant`. Raises Refused at `outside` for any address that is not to be had, and where groups hold none."""
    wanted, problems = meant(tenant, typed)
    if problems:
        raise Refused(" ".join(told(problems)), field="outside")
    if wanted:
        rules.takes_outside(tenant)
        rules.not_too_many_outside(len(wanted))
    return wanted


def write(group: Group, wanted: Collection[str]) -> None:
    """Make these stored addresses the group's outside members, in the caller's transaction."""
    rows = OutsideMember.objects.filter(group=group)
    present = set(rows.values_list("address", flat=True))
    rows.filter(address__in=present - set(wanted)).delete()
    OutsideMember.objects.bulk_create(OutsideMember(group=group, address=each) for each in sorted({*wanted} - present))


def _of_ours(address: str, row: Address | None) -> str:
    """What to do instead with an address of the customer's own domains."""
    if row is None:
        return f"{readable(address)} is of your own domain and nobody's address. Add the user first, then as a member."
    if row.user_id:
        return f"{readable(address)} is the address of {row.owner}. Choose that user among the members instead."
    kind = row.get_kind_display().lower()
    return f"{readable(address)} is the address of a {kind} of your own. Choose the users behind it as members instead."
