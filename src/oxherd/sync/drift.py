"""Compares what a tenant's context holds with what the panel says it shall hold.

The platform's lists are read in batches, our rows are fetched for each batch, and of what agrees nothing is kept but
the platform's ids: the memory taken hardly grows with the number of users. The platform is asked, and told nothing.
"""

import logging
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

from oxherd.drift import ledger
from oxherd.drift.models import Comparison, Difference
from oxherd.drift.states import DifferenceKind, ObjectKind
from oxherd.errors import PlatformError, PlatformUnreachable
from oxherd.ox.interface import FoundContext
from oxherd.provisioning import breaker
from oxherd.provisioning.states import SubjectKind
from oxherd.sync.drift_mail import compare_mail
from oxherd.sync.drift_objects import NOUNS, compare_objects
from oxherd.sync.drift_scope import Fields, Part, Scope, difference, differing
from oxherd.sync.drift_users import compare_users
from oxherd.sync.motion import Motion
from oxherd.sync.platforms import access, platform_of
from oxherd.sync.tenants import context_of, wanted_of
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import GONE, TenantState

logger = logging.getLogger(__name__)


class NotCompared(Exception):
    """Not an error: there is nothing more to compare, for the reason that `sentence` tells."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def run(pk: int) -> None:
    """Carry a comparison out, and store what is found. Ends quietly where another run has taken it over."""
    comparison = ledger.claim(pk)
    if comparison is None:
        return
    try:
        _carry_out(comparison)
    except ledger.Overtaken:
        logger.info("comparison %s goes on elsewhere, or is not wanted any more", pk)


def _carry_out(comparison: Comparison) -> None:
    """Bring a claimed comparison to its end. Raises Overtaken."""
    sentence = ""
    try:
        _platform_is_up(comparison.tenant)
        for part in compare(comparison.tenant, is_deep=comparison.is_deep):
            ledger.keep(comparison, part.differences, compared=part.compared, left_out=part.left_out)
    except NotCompared as reason:
        sentence = reason.sentence
    except PlatformError as error:
        logger.info("comparison %s failed: %s", comparison.pk, error.detail or error.sentence)
        ledger.failed(comparison, error.sentence)
        return
    except (OperationalError, InterfaceError, ledger.Overtaken):  # our own database; housekeeping begins it anew
        raise
    except Exception:
        logger.exception("comparison %s failed", comparison.pk)
        ledger.failed(comparison, f"An error in oxherd stopped this. Tell your provider the number {comparison.pk}.")
        return
    ledger.done(comparison, sentence)


def _platform_is_up(tenant: Tenant) -> None:
    if breaker.is_open(tenant.brand_id):
        raise PlatformUnreachable("The OX platform does not answer. Compare again when it is back.")


def compare(tenant: Tenant, *, is_deep: bool) -> Iterator[Part]:
    """All that differs, part by part. Raises PlatformError, and NotCompared where less than all was compared."""
    platform, motion = platform_of(tenant.brand), Motion(tenant.pk)
    found = context_of(platform, tenant)
    tenant = Tenant.objects.select_related("brand").get(pk=tenant.pk)
    if tenant.state in GONE:
        raise NotCompared(f"{tenant} {'was' if tenant.state == TenantState.REMOVED else 'is being'} removed.")
    scope = Scope(
        tenant,
        platform,
        access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password),
        motion,
        is_deep,
        platform.not_kept(),
    )
    is_moving = bool(motion.of(SubjectKind.TENANT, [tenant.pk]))
    if found is None or found.marker not in {None, str(tenant.marker)}:
        yield _gone(scope, found, is_moving=is_moving)
        raise NotCompared("Without its context, nothing else could be compared.")
    yield Part([] if is_moving else _different(scope, found), compared=1, left_out=int(is_moving))
    _can_be_entered(tenant, found)
    yield from compare_users(scope)
    for noun in NOUNS:
        yield from compare_objects(scope, noun)
    yield from compare_mail(scope)


def _can_be_entered(tenant: Tenant, found: FoundContext) -> None:
    """Raises NotCompared where the context's administrator cannot sign in."""
    rest = "so users, groups and resources were not compared"
    if tenant.state == TenantState.SUSPENDED:
        raise NotCompared(f"{tenant} is suspended, {rest}.")
    if not tenant.is_provisioned:
        raise NotCompared(f"The context is not ready yet, {rest}.")
    if not found.enabled:
        raise NotCompared(f"The context is disabled in OX, {rest}.")


def _gone(scope: Scope, found: FoundContext | None, *, is_moving: bool) -> Part:
    tenant = scope.tenant
    if is_moving or not tenant.applied:
        raise NotCompared(f"{tenant} is not on the platform yet.")
    there = {} if found is None else {"name": found.name}  # another's context stands under its number
    return Part([_of_context(scope, DifferenceKind.GONE, here={"name": tenant.context_name}, there=there)])


def _different(scope: Scope, found: FoundContext) -> list[Difference]:
    wanted, held = wanted_of(scope.tenant), _held_by(found)
    # The platform maps a context's name and number by itself.
    own = {str(found.context_id), found.name.lower(), wanted["name"].lower()}
    for fields in (wanted, held):
        fields["login_mappings"] = sorted(set(fields["login_mappings"]) - own)
    names = differing(wanted, held)
    if not names:
        return []
    here, there = ({name: fields[name] for name in names} for fields in (wanted, held))
    return [_of_context(scope, DifferenceKind.DIFFERENT, here=here, there=there, held=there)]


def _held_by(context: FoundContext) -> Fields:
    """The context as the platform has it, in the form of `sync.tenants.wanted_of`."""
    return {
        "name": context.name,
        "login_mappings": [mapping.lower() for mapping in context.login_mappings],
        "quota_mb": context.quota_mb,
        "enabled": context.enabled,
    }


def _of_context(scope: Scope, kind: DifferenceKind, **columns: Fields) -> Difference:
    tenant = scope.tenant
    return difference(
        scope,
        ObjectKind.CONTEXT,
        kind,
        name=tenant.name,
        detail=tenant.context_name,
        subject_id=tenant.pk,
        ox_id=tenant.context_id,
        **columns,
    )
