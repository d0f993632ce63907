"""The verbs by which an OX account and its user on the platform are brought together again, in either direction.

`held` is what the platform was found to hold, field by field in the worker's words (`sync.people.wanted_of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains.models import readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.people import passwords, records, rules
from oxherd.people.commands import NewUser, change_photo, change_user, check_person
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.ox_commands import change_aliases, change_profile
from oxherd.people.photos import as_it_is, digest
from oxherd.people.records import (
    OxWish,
    claim_tenant,
    describe,
    describe_account,
    insert,
    locked,
    open_account,
    push,
)
from oxherd.people.rename_commands import rename_user
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile, classes_of
from oxherd.profiles.modules import ADD_ONS
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant
from oxherd.tenants.queries import seats_of
from oxherd.tenants.rules import is_ours, takes_users
from oxherd.tenants.states import Mastered

Held = Mapping[str, Any]
# Of mailboxes, where the platform keeps them; and add-ons, of which it is told by profiles that say something of them.
OF_PROFILES = ("mail_quota_mb", "class_of_service", *ADD_ONS)
PERSON = {
    "display_name": "display_name",
    "given_name": "given_name",
    "surname": "surname",
    "language": "language",
    "timezone": "time_zone",
}


@dataclass(frozen=True, slots=True)
class Stranger:
    """A user of the platform whom nobody here knows. photo: a JPEG."""

    ox_id: int
    held: Held
    photo: bytes | None = field(default=None, repr=False)


@transaction.atomic
def send_user_again(*, actor: Actor, user: ServiceUser, held: Held) -> OxAccount:
    """The panel is right: send to the platform what it holds otherwise; of a removed user too, who is locked there."""
    actor.require(Permission.REPAIR, user)
    user = records.held(user)
    rules.is_not_leaving(user)
    account = OxAccount.objects.filter(user=user).exclude(presence=Presence.LEAVING).first()
    if account is None:
        raise Refused(f"OX is not enabled for {user} any more. Compare again.")
    _note(account, held)
    push(actor, account)
    return account


@transaction.atomic
def make_user_again(*, actor: Actor, user: ServiceUser) -> OxAccount:
    """The panel is right: the platform shall have the user it has not. Its password there is a random one then."""
    actor.require(Permission.REPAIR, user)
    account = rules.account_of(locked(user))
    forget_users(user.tenant, user=user)
    push(actor, account)
    return account


@transaction.atomic
def take_user_over(*, actor: Actor, user: ServiceUser, held: Held, photo: bytes | None = None) -> OxAccount:
    """The platform is right: take over what it holds otherwise.

    Raises Refused with the field that our rules do not allow to be so, in the words of this room.
    """
    actor.require(Permission.REPAIR, user)
    account = rules.account_of(locked(user))
    if held.get("mail_enabled") is False:
        sentence = f"{user} is locked in OX, which a user of the panel cannot be. Send to OX, or disable OX."
        raise Refused(sentence, field="mail_enabled")
    _note(account, held)
    if person := {ours: held[theirs] for theirs, ours in PERSON.items() if theirs in held}:
        change_user(actor=actor, user=user, **person)
    if "name" in held and account.ox_name != held["name"]:
        _take_name(actor, user, account, held["name"])
    _take_addresses(actor, user, account, held)
    if "photo" in held:
        _take_photo(actor, user, held["photo"], photo)
    _take_profile(actor, user, account, held)
    push(actor, account)
    return account


@transaction.atomic
def adopt_user(*, actor: Actor, tenant: Tenant, stranger: Stranger, profile: Profile | None = None) -> ServiceUser:
    """Make a user of the platform a service user with an OX account, without telling the platform anything.

    profile: the one that stands for what the user has; found among those of the subscription if none is given.
    There is no password for mail until one is set; the one in OX stays. Raises Refused with the field that our
    rules do not allow to be so: login, domain, profile, aliases, display_name, ...
    """
    actor.require(Permission.MANAGE_USERS, tenant)
    is_ours(tenant, actor, Mastered.USERS)
    tenant, held = claim_tenant(tenant), stranger.held
    takes_users(tenant)
    if OxAccount.objects.filter(tenant=tenant, ox_id=stranger.ox_id).exists():
        raise Refused(f"{held['display_name']} has been taken over already.")
    if not held["mail_enabled"]:
        raise Refused(f"{held['display_name']} is locked in OX. Unlock the user there first.", field="mail_enabled")
    user = _new_user(tenant, held)
    account = _adopted_account(user, stranger, profile)
    if stranger.photo:
        _keep_photo(user, stranger.photo)
    record(actor, Action.USER_ADOPT, user, place=tenant, after={**describe(user), **describe_account(account)})
    return user


def forget_users(tenant: Tenant, *, user: ServiceUser | None = None) -> None:
    """Of what the platform knew of users, nothing holds any more: of one of them, or of all of the tenant.

    What was begun for the one may still arrive; nothing does in a context that is gone.
    """
    accounts = OxAccount.objects.filter(tenant=tenant)
    if user:
        accounts.filter(user=user).update(ox_id=None, ox_name="", applied={})
    else:
        accounts.update(ox_id=None, ox_name="", applied={}, attempts=[])


def _note(account: OxAccount, held: Held) -> None:
    """Write down what the platform was found to hold: the next job sends what differs from it, and no more."""
    fields = dict(held)
    ox_id = fields.pop("ox_id", None)
    if ox_id is None:
        account.applied = account.applied | fields
        account.save(update_fields=["applied"])
        return
    if OxAccount.objects.filter(tenant=account.tenant_id, ox_id=ox_id).exclude(pk=account.pk).exists():
        raise Refused("Another user of the panel stands for this user of OX. Compare again.")
    account.ox_id, account.ox_name, account.applied = ox_id, fields["name"], fields
    account.save(update_fields=["ox_id", "ox_name", "applied"])


def _take_name(actor: Actor, user: ServiceUser, account: OxAccount, name: str) -> None:
    """The login follows where the platform lets the one follow the other; else it is only written down."""
    if OxAccount.objects.filter(tenant=account.tenant_id, ox_name=name).exclude(pk=account.pk).exists():
        raise Refused(f"Another user of the panel has the name {name} in OX. Compare again.", field="login")
    if user.tenant.brand.username_changeable:
        rename_user(actor=actor, user=user, login=name)
    OxAccount.objects.filter(pk=account.pk).update(ox_name=name)


def _take_addresses(actor: Actor, user: ServiceUser, account: OxAccount, held: Held) -> None:
    primary = held.get("primary_address", account.primary_address)
    if primary != account.primary_address:
        rename_user(actor=actor, user=user, primary_address=primary)
    if "aliases" in held:
        aliases = tuple(address for address in held["aliases"] if address != primary)
        change_aliases(actor=actor, user=user, aliases=aliases)
    account.refresh_from_db(fields=["primary_address"])


def _take_photo(actor: Actor, user: ServiceUser, wanted: str | None, photo: bytes | None) -> None:
    if wanted is not None and photo is None:
        raise Refused("The picture in OX is too large to be taken over. Send to OX instead.", field="photo")
    change_photo(actor=actor, user=user, photo=photo, as_is=True)


def _keep_photo(user: ServiceUser, photo: bytes) -> None:
    jpeg = as_it_is(photo)
    Photo.objects.create(user=user, jpeg=jpeg, digest=digest(jpeg))


def _take_profile(actor: Actor, user: ServiceUser, account: OxAccount, held: Held) -> None:
    """Modules and quota come from the profile: another one of the subscription has to have them."""
    if not {"access_combination", *OF_PROFILES, "drive_quota_mb"} & held.keys():
        return
    combination = held.get("access_combination", account.profile.access_combination)
    quota_mb = held.get("drive_quota_mb", account.profile.drive_quota_mb)
    mailbox = {field: held[field] for field in OF_PROFILES if field in held}
    profile = _profile_with(user.tenant, combination, quota_mb, mailbox)
    if "access_combination" not in held and profile.drive_quota_mb != quota_mb:
        raise Refused(f"No profile of this subscription gives {combination} with this quota.", field="profile")
    if not _gives(profile, mailbox):
        raise Refused(
            f"No profile of this subscription gives {combination} with this mail quota, class of service and add-ons.",
            field="profile",
        )
    change_profile(actor=actor, users=[user], profile=profile)


def _gives(profile: Profile, mailbox: Held) -> bool:
    """Whether the profile stands for what the platform holds of a mailbox."""
    classes = classes_of(profile.class_of_service, profile.access_combination)
    gives: dict[str, Any] = {name: getattr(profile, name) for name in ("mail_quota_mb", *ADD_ONS)}
    gives["class_of_service"] = classes
    return all(gives[field] == value for field, value in mailbox.items())


def _profile_with(
    tenant: Tenant, combination: str | None, quota_mb: int | None, mailbox: Held | None = None
) -> Profile:
    """The profile with this access combination, and with these quotas if there is one. Raises Refused at `profile`."""
    if combination is None:
        raise Refused("The modules in OX have no name, so no profile stands for them.", field="profile")
    offered = [row.profile for row in seats_of(tenant) if row.profile.access_combination == combination]
    if not offered:
        raise Refused(f"No profile of this subscription has the modules of {combination}.", field="profile")
    fitting = [profile for profile in offered if profile.drive_quota_mb == quota_mb] or offered[:1]
    return next((profile for profile in fitting if _gives(profile, mailbox or {})), fitting[0])


def _new_user(tenant: Tenant, held: Held) -> ServiceUser:
    local_part, domain = _login_of(tenant, held)
    person = {ours: held[theirs] for theirs, ours in PERSON.items()}
    user = check_person(tenant, NewUser(login=local_part, domain=domain, password="", **person))
    user.password_hash = passwords.NONE
    user.status = UserStatus.ENABLED
    insert(user)
    return user


def _login_of(tenant: Tenant, held: Held) -> tuple[str, str]:
    """What the user signs in with here: the name in OX where it is an address of the tenant, else the primary one."""
    domains = set(of_tenant(tenant).values_list("name", flat=True))
    for address in (held["name"], held["primary_address"]):
        local_part, at, domain = address.lower().rpartition("@")
        if at and domain in domains:
            return local_part, domain
    address = readable(held["primary_address"])
    raise Refused(f"{address} is in no domain of {tenant}. Add its domain first.", field="domain")


def _adopted_account(user: ServiceUser, stranger: Stranger, profile: Profile | None) -> OxAccount:
    held = stranger.held
    primary = held["primary_address"]
    aliases = tuple(address for address in held["aliases"] if address != primary)
    profile = profile or _profile_with(user.tenant, held["access_combination"], held["drive_quota_mb"])
    account = open_account(user, OxWish(profile, aliases, primary), password="")
    if marker := _free_marker(held.get("marker")):
        account.marker = marker
    account.ox_id, account.ox_name = stranger.ox_id, held["name"]
    account.applied = {name: value for name, value in held.items() if name != "marker"}
    account.save(update_fields=["ox_id", "ox_name", "applied", "marker"])
    return account


def _free_marker(text: str | None) -> UUID | None:
    """The mark that the platform's user carries, if an account of ours can carry it too."""
    marker = records.marker_of(text)
    return None if marker is None or OxAccount.objects.filter(marker=marker).exists() else marker
