"""Compares forwarders and catch-alls, where the platform keeps them; after the users, whose addresses these name."""

from collections.abc import Iterator, Mapping

from oxherd.brands.abilities import Ability, kind_can
from oxherd.domains.queries import of_tenant
from oxherd.drift.models import Difference
from oxherd.drift.states import DifferenceKind, ObjectKind
from oxherd.forwarders.models import Forwarder
from oxherd.ox.interface import Mailboxes
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.sync import catch_alls
from oxherd.sync.drift_scope import Part, Scope, difference, in_batches, shown
from oxherd.sync.forwarders import held_there, wanted_of
from oxherd.sync.unmarked import Place

There = Mapping[str, list[str]]


def compare_mail(scope: Scope) -> Iterator[Part]:
    mail = scope.platform.mail
    if mail is None:
        return
    kind = scope.tenant.brand.platform
    if kind_can(kind, Ability.CATCH_ALL_ON_PLATFORM):
        yield _catch_alls(scope, mail)
    if kind_can(kind, Ability.FORWARDERS):
        yield from _all_forwarders(scope, mail)


def _catch_alls(scope: Scope, mail: Mailboxes) -> Part:
    """Of the domains on the tenant's list; those of others are nobody's business here."""
    tenant = scope.tenant
    held = {domain.lower(): name for domain, name in mail.catch_alls(scope.access).items()}
    domains = list(of_tenant(tenant).select_related("catch_all").order_by("pk"))
    wanted = catch_alls.wanted_of(tenant)
    number = sum(domain.name in held for domain in domains)
    if scope.motion.of(SubjectKind.CATCH_ALLS, [tenant.pk]):
        return Part([], compared=number, left_out=number)
    targets = OxAccount.objects.filter(user__catch_all_of__in=domains)
    accounts = dict(targets.values_list("user", "pk"))
    moving = scope.motion.of(SubjectKind.ACCOUNT, accounts.values())
    left_out = [domain for domain in domains if accounts.get(domain.catch_all_id or 0) in moving]
    differences = [
        difference(
            scope,
            ObjectKind.CATCH_ALL,
            DifferenceKind.DIFFERENT,
            name=str(domain),
            detail="Catch-all",
            subject_id=domain.pk,
            here={"catch_all": wanted.get(domain.name, "")},
            there={"catch_all": held.get(domain.name, "")},
            held={"catch_all": held.get(domain.name, "")},
        )
        for domain in domains
        if domain not in left_out and wanted.get(domain.name) != held.get(domain.name)
    ]
    return Part(differences, compared=number, left_out=len(left_out))


def _all_forwarders(scope: Scope, mail: Mailboxes) -> Iterator[Part]:
    place = Place(scope.platform, scope.access)
    there = held_there(mail, place)
    parts = [_forwarders(scope, there, batch) for batch in in_batches(sorted(there))]
    strangers = any(each.kind == DifferenceKind.STRANGER for part in parts for each in part.differences)
    # While others work, one that seems to be nobody's may just have gone, or have become one of ours.
    still = held_there(mail, place) if strangers and scope.motion.anywhere() else there
    for part in parts:
        kept = [
            each for each in part.differences if each.kind != DifferenceKind.STRANGER or _stands(scope, each, still)
        ]
        left_out = part.left_out + len(part.differences) - len(kept)
        yield Part(kept, compared=part.compared, left_out=left_out)
    yield from _missing(scope, there)


def _stands(scope: Scope, stranger: Difference, still: There) -> bool:
    address = stranger.held["name"]
    ours = Forwarder.objects.filter(tenant=scope.tenant, address=address, presence=Presence.PRESENT)
    return address in still and not ours.exists()


def _forwarders(scope: Scope, there: There, batch: list[str]) -> Part:
    rows = Forwarder.objects.filter(tenant=scope.tenant, address__in=batch).exclude(presence=Presence.LEAVING)
    ours = {row.address: row for row in rows.defer("search", "search_text") if row.presence == Presence.PRESENT}
    moving = scope.motion.of(SubjectKind.FORWARDER, [row.pk for row in ours.values()])
    # Under an address that one of ours has left, or is leaving, the platform may have it still: its job sees to that.
    left = Forwarder.objects.filter(tenant=scope.tenant, applied__held__has_any_keys=batch)
    going = {address for applied in left.values_list("applied", flat=True) for address in applied["held"]}
    differences: list[Difference] = []
    left_out = 0
    for address in batch:
        row = ours.get(address)
        if row is None:
            left_out += address in going
            differences += [] if address in going else [_stranger(scope, address, there[address])]
        elif row.pk in moving:
            left_out += 1
        else:
            differences += _different(scope, row, there[address])
    return Part(differences, compared=len(batch), left_out=left_out)


def _different(scope: Scope, row: Forwarder, held: list[str]) -> list[Difference]:
    wanted = wanted_of(row).get(row.address) or []
    if wanted == held:
        return []
    only_here, only_there = sorted(set(wanted) - set(held)), sorted(set(held) - set(wanted))
    return [
        difference(
            scope,
            ObjectKind.FORWARDER,
            DifferenceKind.DIFFERENT,
            name=str(row),
            subject_id=row.pk,
            here={"recipients": only_here},
            there={"recipients": only_there},
            held={"recipients": held},
        )
    ]


def _stranger(scope: Scope, address: str, recipients: list[str]) -> Difference:
    return difference(
        scope,
        ObjectKind.FORWARDER,
        DifferenceKind.STRANGER,
        name=shown(address),
        detail=f"to {shown(recipients[0])}{f' and {len(recipients) - 1} more' if recipients[1:] else ''}",
        there={"name": address, "recipients": recipients},
        held={"name": address, "recipients": recipients},
    )


def _missing(scope: Scope, there: There) -> Iterator[Part]:
    """Ours that the platform does not have. Without a recipient who gets mail now, it shall not have them."""
    rows = Forwarder.objects.filter(tenant=scope.tenant, presence=Presence.PRESENT).order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last).defer("search", "search_text")[:1000]):
        absent = [row for row in batch if row.address not in there]
        moving = scope.motion.of(SubjectKind.FORWARDER, [row.pk for row in absent]) if absent else set()
        missing = [row for row in absent if row.pk not in moving and wanted_of(row)]
        yield Part([_absent(scope, row) for row in missing], left_out=len(moving))
        last = batch[-1].pk


def _absent(scope: Scope, row: Forwarder) -> Difference:
    return difference(
        scope,
        ObjectKind.FORWARDER,
        DifferenceKind.MISSING,
        name=str(row),
        subject_id=row.pk,
        here={"name": row.address},
    )
