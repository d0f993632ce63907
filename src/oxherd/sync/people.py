"""Makes the platform's user match an OX account."""

import logging
from typing import Any

from django.db import transaction

from oxherd import sealing
from oxherd.errors import PlatformMisconfigured, PlatformNotFound, PlatformTaken
from oxherd.ox.interface import ContextAccess, Platform, UserChange, UserData
from oxherd.people import passwords
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.queries import account_for_sync
from oxherd.people.records import release_addresses
from oxherd.people.states import Presence, UserStatus
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.sync.platforms import access_to, platform_of
from oxherd.sync.waiting import WaitFor
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

logger = logging.getLogger(__name__)


def push_account(job: SyncJob) -> None:
    account = account_for_sync(job.subject_id)
    if account is None:
        ledger.done(job)
        return
    if not tenant_is_ready(account.tenant):
        raise WaitFor(f"tenant:{account.tenant_id}", "The customer's context is not ready on the platform yet.")
    platform, access = platform_of(account.tenant.brand), access_to(account.tenant)
    try:
        if account.presence == Presence.LEAVING:
            _remove(platform, access, account, job)
        else:
            _put(platform, access, account, job)
    except PlatformMisconfigured:
        # The same answer comes while the context is being suspended.
        if not tenant_is_ready(Tenant.objects.get(pk=account.tenant_id)):
            raise WaitFor(f"tenant:{account.tenant_id}", "The customer is suspended.") from None
        raise


def tenant_is_ready(tenant: Tenant) -> bool:
    """Whether the platform handles users of this tenant: its context is there and not disabled."""
    return tenant.is_provisioned and tenant.state == TenantState.ACTIVE


def mark_failed(account_id: int) -> None:
    ServiceUser.objects.filter(account=account_id).update(status=UserStatus.ERROR)


def _put(platform: Platform, access: ContextAccess, account: OxAccount, job: SyncJob) -> None:
    wanted = _wanted(account)
    if account.ox_id is not None:
        try:
            _change(platform, access, account, account.ox_id, wanted)
        except PlatformNotFound:  # deleted behind our back
            logger.warning("user %s of account %s is gone; making it anew", account.ox_id, account.pk)
            account.ox_id, account.applied = None, {}
    if account.ox_id is None:
        _create(platform, access, account, wanted)
    _settle(account, wanted, job)


def _wanted(account: OxAccount) -> dict[str, Any]:
    """The user as the platform shall hold it, in plain JSON values; the photo by its digest."""
    user = account.user
    photo = getattr(user, "photo", None)
    return {
        "name": user.login,
        "display_name": user.display_name,
        "given_name": user.given_name,
        "surname": user.surname,
        "primary_address": account.primary_address,
        "aliases": sorted({account.primary_address, *account.aliases}),
        "language": user.language,
        "timezone": user.time_zone,
        "drive_quota_mb": account.profile.drive_quota_mb,
        "photo": photo.digest if photo else None,
        "access_combination": account.profile.access_combination,
    }


def _create(platform: Platform, access: ContextAccess, account: OxAccount, wanted: dict[str, Any]) -> None:
    """Make the user, or take over the one that this account's own broken-off job left behind."""
    password = sealing.unseal(account.sealed_password) or passwords.generate()
    fields = _typed(account, wanted)
    try:
        account.ox_id = platform.create_user(access, UserData(**fields, password=password, marker=str(account.marker)))
    except PlatformTaken:
        found = platform.find_user(access, name=wanted["name"])
        if found is None or found.marker != str(account.marker):
            raise
        account.ox_id = found.ox_id
        platform.change_user(access, found.ox_id, UserChange(**fields, password=password))


def _change(
    platform: Platform, access: ContextAccess, account: OxAccount, ox_id: int, wanted: dict[str, Any]
) -> None:
    """Send only what differs from what was last applied."""
    before = account.applied
    changed = {field: value for field, value in wanted.items() if field not in before or before[field] != value}
    fields = _typed(account, changed)
    if account.sealed_password:
        fields["password"] = sealing.unseal(account.sealed_password)
    if fields:
        platform.change_user(access, ox_id, UserChange(**fields))


def _typed(account: OxAccount, fields: dict[str, Any]) -> dict[str, Any]:
    """The connector's values for those of the ledger: aliases as a tuple, the photo itself."""
    typed = dict(fields)
    if "aliases" in typed:
        typed["aliases"] = tuple(typed["aliases"])
    if typed.get("photo"):
        typed["photo"] = bytes(Photo.objects.values_list("jpeg", flat=True).get(user_id=account.user_id))
    return typed


def _settle(account: OxAccount, wanted: dict[str, Any], job: SyncJob) -> None:
    """Write down, in one transaction, what the platform holds now. What was changed meanwhile is left alone."""
    delivered = account.sealed_password
    with transaction.atomic():
        OxAccount.objects.filter(pk=account.pk).update(ox_id=account.ox_id, applied=wanted)
        if delivered:  # a newer password than the delivered one stays for its own job
            OxAccount.objects.filter(pk=account.pk, sealed_password=delivered).update(sealed_password="")
        if not ledger.is_overtaken(job):
            ServiceUser.objects.filter(pk=account.user_id).update(status=UserStatus.ENABLED)
        ledger.done(job)


def _remove(platform: Platform, access: ContextAccess, account: OxAccount, job: SyncJob) -> None:
    ox_id = account.ox_id
    if ox_id is None:  # a broken-off job may have made it all the same
        found = platform.find_user(access, name=account.user.login)
        ox_id = found.ox_id if found and found.marker == str(account.marker) else None
    if ox_id is not None:
        platform.remove_user(access, ox_id)
    with transaction.atomic():
        _let_go(account)
        ledger.done(job)


def _let_go(account: OxAccount) -> None:
    user = ServiceUser.objects.select_for_update().get(pk=account.user_id)
    now = OxAccount.objects.select_for_update().get(pk=account.pk)
    if now.presence == Presence.PRESENT:  # enabled again meanwhile; its own job makes the user anew
        OxAccount.objects.filter(pk=now.pk).update(ox_id=None, applied={})
        return
    if user.presence == Presence.LEAVING:
        user.delete()
        return
    now.delete()
    ServiceUser.objects.filter(pk=user.pk).update(status=UserStatus.DISABLED)
    release_addresses(user)
