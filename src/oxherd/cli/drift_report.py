"""What `oxherd drift` prints: for people, or a JSON object a line."""

import json
from typing import Any

import click
from django.db.models import QuerySet

from oxherd.drift import queries, wording
from oxherd.drift.models import Comparison, Difference
from oxherd.drift.queries import Counts, light
from oxherd.drift.states import DifferenceKind, ObjectKind, Way
from oxherd.tenants.models import Tenant

BATCH = 200


class Report:
    """For people. What is found is read from the database bit by bit, however much it is."""

    def trouble(self, tenant: Tenant, sentence: str) -> None:
        click.echo(f"{tenant}: {sentence}", err=True)

    def found(self, comparison: Comparison, counts: Counts, rows: QuerySet[Difference]) -> None:
        tenant = comparison.tenant
        click.echo(f"{tenant} (context {tenant.context_id}): {wording.total(counts) if counts else 'agrees'}")
        if comparison.sentence:
            click.echo(f"  {comparison.sentence}")
        if comparison.left_out:
            click.echo(f"  {comparison.left_out:,} were on their way, and were left out.")
        for (object_kind, kind), number in _in_order(counts):
            click.echo(f"  {object_kind.label}, {kind.value}: {number:,}")
            for difference in rows.filter(object_kind=object_kind, kind=kind).order_by("pk").iterator(BATCH):
                self._difference(tenant, difference)

    def preview(self, tenant: Tenant, counts: Counts, way: Way) -> None:
        click.echo(f"{tenant}: {way.label}")
        for sentence in wording.effects(counts, way):
            click.echo(f"    {sentence}")

    def refused(self, tenant: Tenant, difference: Difference, sentence: str) -> None:
        click.echo(f"{tenant}: {difference}: {sentence}", err=True)

    def repaired(self, tenant: Tenant, done: int, refused: int) -> None:
        left = f", {refused:,} refused" if refused else ""
        click.echo(f"{tenant}: {done:,} repaired{left}")

    def _difference(self, tenant: Tenant, difference: Difference) -> None:
        detail = f" ({difference.detail})" if difference.detail else ""
        click.echo(f"    {difference}{detail}")
        names = queries.names_in_ox(tenant, wanted) if (wanted := wording.users_named([difference])) else {}
        for change in wording.changes(difference, names):
            click.echo(f"      {change.label}: {change.here} here, {change.there} in OX")


class JsonReport(Report):
    """For programs: a line for each difference, then one for its tenant."""

    def trouble(self, tenant: Tenant, sentence: str) -> None:
        self._line(tenant, trouble=sentence)

    def found(self, comparison: Comparison, counts: Counts, rows: QuerySet[Difference]) -> None:
        tenant = comparison.tenant
        for difference in light(rows).order_by("pk").iterator(BATCH):
            self._line(
                tenant,
                object=difference.object_kind,
                kind=difference.kind,
                name=difference.name,
                detail=difference.detail,
                ox_id=difference.ox_id,
                here=difference.here,
                there=difference.there,
            )
        self._line(
            tenant,
            compared=comparison.compared,
            left_out=comparison.left_out,
            differences=sum(counts.values()),
            counts=_nested(counts),
            note=comparison.sentence,
        )

    def preview(self, tenant: Tenant, counts: Counts, way: Way) -> None:
        self._line(tenant, way=way.value, effects=wording.effects(counts, way))

    def refused(self, tenant: Tenant, difference: Difference, sentence: str) -> None:
        self._line(tenant, refused=difference.name, object=difference.object_kind, sentence=sentence)

    def repaired(self, tenant: Tenant, done: int, refused: int) -> None:
        self._line(tenant, repaired=done, not_repaired=refused)

    def _line(self, tenant: Tenant, **fields: Any) -> None:
        who = {"tenant": tenant.name, "tenant_id": tenant.pk, "context_id": tenant.context_id}
        click.echo(json.dumps(who | fields, ensure_ascii=False))


def _in_order(counts: Counts) -> list[tuple[tuple[ObjectKind, DifferenceKind], int]]:
    pairs = ((object_kind, kind) for object_kind in ObjectKind for kind in DifferenceKind)
    return [(pair, counts[pair]) for pair in pairs if pair in counts]


def _nested(counts: Counts) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (object_kind, kind), number in _in_order(counts):
        nested.setdefault(object_kind.value, {})[kind.value] = number
    return nested
