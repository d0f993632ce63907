"""A person as a controller knows one, and what becomes of it here: the controller is the master of all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.aps.models import ApsResource
from oxherd.aps.service import actor_for
from oxherd.aps.services import user as users
from oxherd.aps.services.group import join_waiting
from oxherd.aps.states import ResourceState
from oxherd.domains.queries import of_tenant
from oxherd.errors import NotYours, Refused
from oxherd.people import passwords
from oxherd.people.commands import NewUser, add_user, change_password, change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.removal_commands import delete_user
from oxherd.people.rename_commands import rename_user
from oxherd.people.rules import LANGUAGE
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

GIVEN_TO = "given_to"  # in a user's `reported`: the account of OX that has got the controller's password


@dataclass(frozen=True, slots=True)
class Person:
    """What a core user tells; every text as it came. password: empty where the controller does not tell it."""

    login: str
    display_name: str
    given_name: str = ""
    surname: str = ""
    language: str = ""
    email: str = ""
    password: str = field(default="", repr=False)


def person_from(found: Mapping[str, Any]) -> Person:
    """A core user (types/core/user/1.0 and contact/1.2) as far as it tells of itself."""

    def text(name: str) -> str:
        value = found.get(name)
        return value.strip() if isinstance(value, str) else ""

    given_name, surname, login = text("givenName"), text("familyName"), text("login")
    name = text("displayName") or text("fullName") or f"{given_name} {surname}".strip() or login
    locale = text("locale").replace("-", "_")
    return Person(
        login=login,
        display_name=name,
        given_name=given_name,
        surname=surname,
        language=locale if LANGUAGE.fullmatch(locale) else "",
        email=text("email"),
        password=text("password"),
    )


def make(row: ApsResource, person: Person) -> None:
    """Add the user that a row asks for, in the caller's transaction; the row stays as asked while that has to wait.

    Raises Refused with a sentence for who asked.
    """
    customer = row.tenant
    if customer is None:
        raise NotYours("There is no such customer any more.")
    actor = actor_for(row.instance, customer)
    users.there_is_room(row, customer)
    login, domain = _login(customer, row, person)
    if former := _in_the_way(actor, customer, f"{login}@{domain}".lower()):
        row.problem = f"{former}, who had this login before, is being removed from the platform first."
        return
    new = NewUser(
        display_name=person.display_name,
        login=login,
        domain=domain,
        password=person.password or passwords.generate(),
        given_name=person.given_name,
        surname=person.surname,
        ox=users.wish(row, customer),
        language=person.language or "en_US",
    )
    row.object_id = add_user(actor=actor, tenant=customer, new=new).pk
    row.state = ResourceState.DONE
    _note_password(row)
    join_waiting(row, actor)


def bring_in(row: ApsResource, person: Person) -> None:
    """Change what differs from what the controller has, in the caller's transaction."""
    user = users.of(row)
    actor = actor_for(row.instance, user)
    login, domain = _login(user.tenant, row, person)
    if f"{login}@{domain}".lower() != user.login:
        rename_user(actor=actor, user=user, login=f"{login}@{domain}")
        user.refresh_from_db()
    now = {
        "display_name": person.display_name,
        "given_name": person.given_name,
        "surname": person.surname,
        "language": person.language,
    }
    differs: dict[str, Any] = {name: value for name, value in now.items() if value and value != getattr(user, name)}
    if differs:
        change_user(actor=actor, user=user, **differs)
    is_random = _note_password(row)
    if person.password and (is_random or not passwords.verifies(user.password_hash, person.password)):
        try:
            change_password(actor=actor, user=user, password=person.password)
        except Refused as refused:  # a weak one is no reason to keep the old name
            row.problem = refused.sentence


def _note_password(row: ApsResource) -> bool:
    """Keep for which account of OX the controller was asked; returns whether it is another than before.

    OX that is enabled in our pages begins with a random password, as we know the present one by its hash alone.
    """
    account = OxAccount.objects.filter(user=row.object_pk, presence=Presence.PRESENT).values_list("pk", flat=True)
    before, now = row.reported.get(GIVEN_TO), account.first()
    row.reported = {**row.reported, GIVEN_TO: now}
    return now is not None and now != before


def _login(customer: Tenant, row: ApsResource, person: Person) -> tuple[str, str]:
    """Local part and domain of the login; a login without a domain gets that of the address that is asked for."""
    if not person.login:
        raise Refused("The user has no login in the control panel.", field="login")
    local_part, at, domain = person.login.rpartition("@")
    if at:
        return local_part, domain
    domains = set(of_tenant(customer).values_list("name", flat=True))
    for address in (row.wanted.get("primaryAddress", ""), person.email):
        if (told := address.rpartition("@")[2].lower()) in domains:
            return person.login, told
    if len(domains) == 1:
        return person.login, next(iter(domains))
    raise Refused(f"The login {person.login} is in no domain. Give the user a primary address.", field="login")


def _in_the_way(actor: Actor, customer: Tenant, login: str) -> ServiceUser | None:
    """Who had the login before, until the platform has let go.

    Who was removed holds it for a restore; the controller, who has removed that user, gives it to another now.
    """
    former = ServiceUser.objects.filter(tenant=customer, login=login).exclude(presence=Presence.PRESENT)
    for user in former.filter(presence=Presence.REMOVED).select_related("tenant__brand", "domain"):
        delete_user(actor=actor, user=user)
    return former.first()
