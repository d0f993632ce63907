"""OX for one person: the controller is the master of the person, and we of what OX gives."""

from typing import Any

from oxherd.aps import bodies, errands
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes, ours
from oxherd.aps.services import group, jobs, profile, seats, tenant
from oxherd.aps.states import ResourceState
from oxherd.aps.types import USER
from oxherd.errors import NotYours, Refused
from oxherd.people import commands, ox_commands
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import OxWish, present_account
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.removals.commands import Heirs, remove_users
from oxherd.tenants.commands import held
from oxherd.tenants.models import Tenant


def of(row: ApsResource) -> ServiceUser:
    """Raises NotYours for one that was removed here."""
    user = ServiceUser.objects.select_related("tenant__brand", "domain").filter(pk=row.object_pk).first()
    if user is None or user.presence != Presence.PRESENT:
        raise NotYours("There is no such user any more.")
    return user


def wish(row: ApsResource, customer: Tenant) -> OxWish | None:
    """OX as a row asks for it; None where it is not to be enabled."""
    if not row.wanted.get("ox", True):
        return None
    aliases = tuple(row.wanted.get("aliases", ()))
    return OxWish(_profile(row, customer), aliases, row.wanted.get("primaryAddress", ""))


def _profile(row: ApsResource, customer: Tenant) -> Profile:
    """The profile that a row asks for, with room for it in the subscription if there is to be any."""
    got = profile.of(ours(row.instance, "profile", bodies.uuid_of(row.wanted.get("profile"), "profile"), "profile"))
    seats.make_room(row.instance, customer, got)
    return got


def there_is_room(row: ApsResource, customer: Tenant) -> None:
    """Whether the subscription has room for one more user: as its counter says, with its row held."""
    above = ApsResource.objects.filter(service="tenant", instance=row.instance, object_id=customer.pk).first()
    limit = above.wanted.get("USERS") if above else None
    if limit is None:
        return
    held(customer)
    if ServiceUser.objects.filter(tenant=customer).exclude(presence=Presence.REMOVED).count() >= limit:
        raise Refused(f"The subscription of {customer} has room for {limit} users. Remove one first, or order more.")


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    """Who it is, the worker asks the controller: until then the row only says what is wanted."""
    row.tenant = tenant.above(call)
    person = bodies.needed(call.body, "user")
    if wishes.get("ox", True):
        ours(call.instance, "profile", bodies.needed(call.body, "profile"), "profile")
    there_is_room(row, row.tenant)
    row.links = {"user": str(person)}
    row.state = ResourceState.ASKED
    errands.ask_to_fetch(row.pk)


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    user = of(row)
    actor = call.actor(user)
    account = present_account(user)
    on = asked.get("ox", account is not None)
    if account and not on:
        ox_commands.disable_ox(actor=actor, user=user)
        return
    if on and account is None:
        if (wished := wish(row, user.tenant)) is not None:
            ox_commands.enable_ox(actor=actor, user=user, wish=wished)
        return
    if "profile" in asked:
        _give(call, row, user)
    addresses = {"aliases", "primaryAddress"} & asked.keys()
    if account and addresses:
        aliases = tuple(asked["aliases"]) if "aliases" in asked else None
        primary = asked.get("primaryAddress", "")
        commands.change_user(actor=actor, user=user, aliases=aliases, primary_address=primary)


def _give(call: Call, row: ApsResource, user: ServiceUser) -> None:
    if present_account(user) is not None:
        ox_commands.change_profile(actor=call.actor(user), users=[user], profile=_profile(row, user.tenant))


def _remove(call: Call, row: ApsResource) -> Subject | None:
    user = ServiceUser.objects.select_related("tenant__brand").filter(pk=row.object_pk).first()
    subject = _subject(row)
    if user is not None and user.presence == Presence.PRESENT:
        remove_users(actor=call.actor(user), users=[user], heirs=Heirs())
    return subject


def _tell(row: ApsResource) -> dict[str, Any]:
    user = of(row)
    account = OxAccount.objects.filter(user=user, presence=Presence.PRESENT).first()
    told: dict[str, Any] = {
        "login": user.login_name,
        "displayName": user.display_name,
        "status": user.status,
        "ox": account is not None,
        "problem": _problem(row, user),
    }
    if account is not None:
        told |= {"primaryAddress": account.primary_address, "aliases": account.aliases}
        told |= {"oxUserId": account.ox_id} if account.ox_id is not None else {}
    return told


def _problem(row: ApsResource, user: ServiceUser) -> str:
    """Why OX does not have the user as wanted; empty where all is well."""
    if user.status != UserStatus.ERROR:
        return row.problem
    pks = list(OxAccount.objects.filter(user=user).values_list("pk", flat=True))
    return next((jobs.problem(user.status, SubjectKind.ACCOUNT, pk) for pk in pks), "")


def _subject(row: ApsResource) -> Subject | None:
    pk = OxAccount.objects.filter(user_id=row.object_id).values_list("pk", flat=True).first()
    return (SubjectKind.ACCOUNT, pk) if pk is not None else None


def _retry(call: Call, row: ApsResource) -> None:
    user = ServiceUser.objects.select_related("tenant__brand").get(pk=row.object_pk)
    ox_commands.retry_ox(actor=call.actor(user), user=user)


def _link(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    """Another profile is another link; groups take care of their members themselves."""
    if other is None:
        return
    if relation == "profile" and row.wanted.get("profile") != str(other.aps_id):
        row.wanted = {**row.wanted, "profile": str(other.aps_id)}
        if row.state == ResourceState.DONE:
            _give(call, row, of(row))
    if relation == "groups":
        group.join(call, other, row)


def _unlink(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    if relation == "groups" and other is not None:
        group.leave(call, other, row)


def _set_password(call: Call, row: ApsResource) -> dict[str, Any]:
    """A repetition asks only how the first one fares."""
    password = call.body.get("password", call.body.get(""))
    if not isinstance(password, str) or not password:
        raise Fault(400, "The password is missing.", field="password")
    if not call.is_poll:
        user = of(row)
        commands.change_password(actor=call.actor(user), user=user, password=password)
    return {}


def _user_changed(call: Call, row: ApsResource) -> dict[str, Any]:  # noqa: ARG001 - as of all operations
    """The event says only that something has changed: the worker asks what."""
    errands.ask_to_fetch(row.pk)
    return {}


SERVICE = Service(
    one=USER,
    make=_make,
    change=_change,
    remove=_remove,
    tell=_tell,
    subject=_subject,
    retry=_retry,
    link=_link,
    unlink=_unlink,
    operations={"setPassword": _set_password, "onUserChanged": _user_changed},
    movable=("profile",),
    making="Creating the user on the platform",
    changing="Bringing the change to the user",
    removing="Removing the user from the platform",
)
