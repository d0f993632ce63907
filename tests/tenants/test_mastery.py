"""Where a controller is the master of a customer, nobody else changes what it owns, and all else stays ours."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from tests.cast import PASSWORD, Cast
from tests.pictures import picture
from tests.rows import everything, refused

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.app_passwords import commands as app_passwords
from oxherd.audit.models import AuditEntry
from oxherd.domains import commands as domains
from oxherd.domains.adoption_commands import adopt_domain
from oxherd.domains.models import Domain
from oxherd.drift.contexts import take_context_over
from oxherd.errors import Refused
from oxherd.groups import commands as groups
from oxherd.people import bulk_commands, ox_commands
from oxherd.people import commands as people
from oxherd.people import removal_commands as removal
from oxherd.people.adoption_commands import Newcomer, adopt_users
from oxherd.people.models import ServiceUser
from oxherd.people.own_commands import change_own_password
from oxherd.people.records import OxWish
from oxherd.people.rename_commands import rename_user
from oxherd.people.repair_commands import Stranger, adopt_user, send_user_again, take_user_over
from oxherd.relocation.commands import move_and_remove
from oxherd.removals.commands import disable_users, remove_users
from oxherd.removals.queries import some
from oxherd.removals.restoring import restore
from oxherd.resources import commands as resources
from oxherd.subscriptions.commands import change_subscription
from oxherd.tenants import commands as tenants
from oxherd.tenants import removal_commands as tenant_removal
from oxherd.tenants.models import Tenant
from oxherd.undo.commands import undo, undo_act
from oxherd.undo.queries import undoable

CUSTOMER = "Acme is managed in Odin. Change, suspend and remove it there."
USERS = "Users of Acme are managed in Odin. Add, rename and delete them there."
PASSWORDS = "Passwords of users of Acme are managed in Odin. Set them there."
DOMAINS = "Domains of Acme are managed in Odin. Add and remove them there."
NEW = "a wholly different staple"


@dataclass
class World:
    """Acme, managed in Odin: Anna with OX, Ben without, Zoe who was removed; two domains, subdomains, one removed."""

    cast: Cast
    anna: ServiceUser
    ben: ServiceUser
    zoe: ServiceUser

    @property
    def acme(self) -> Tenant:
        return self.cast.acme

    @staticmethod
    def domain(name: str) -> Domain:
        return Domain.objects.get(name=name)

    def stranger(self) -> Stranger:
        held = {
            "name": "x",
            "display_name": "X Y",
            "given_name": "X",
            "surname": "Y",
            "language": "en_US",
            "timezone": "Europe/Berlin",
            "primary_address": "x@acme.test",
            "aliases": [],
            "mail_enabled": True,
            "access_combination": "groupware_standard",
            "drive_quota_mb": 1000,
        }
        return Stranger(77, held)


@pytest.fixture
def world(cast: Cast, settings: Any) -> World:
    settings.UNDO_SECONDS = 20
    tenants.switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    anna, ben, zoe = cast.user("Anna Becker", ox=True), cast.user("Ben Oak"), cast.user("Zoe Quist")
    for name in ("new.test", "gone.test", "lab.acme.test", "old.acme.test"):
        domains.add_domain(actor=cast.system, tenant=cast.acme, name=name)
    for name in ("gone.test", "old.acme.test"):
        domains.remove_domain(actor=cast.system, domain=World.domain(name))
    removal.remove_user(actor=cast.system, user=zoe)
    Tenant.objects.filter(pk=cast.acme.pk).update(managed_by="Odin")
    cast.acme.refresh_from_db()
    return World(cast, *(ServiceUser.objects.get(pk=each.pk) for each in (anna, ben, zoe)))


def suspended(world: World) -> Tenant:
    Tenant.objects.filter(pk=world.acme.pk).update(state="suspended")
    return world.acme


def gone(world: World) -> Tenant:
    Tenant.objects.filter(pk=world.acme.pk).update(state="removed", state_before="active")
    return world.acme


def new_user(domain: str = "acme.test") -> people.NewUser:
    return people.NewUser(display_name="Carl Day", login="carl", domain=domain, password=PASSWORD)


def adopted(world: World, actor: Actor) -> None:
    """Users who come in a batch are refused one by one."""
    newcomer = Newcomer(world.stranger(), world.cast.groupware)
    for _, sentence in adopt_users(actor=actor, tenant=world.acme, newcomers=[newcomer]):
        if sentence:
            raise Refused(sentence)


def enabled(world: World, actor: Actor) -> None:
    domain = world.domain("acme.test")
    made = bulk_commands.enable_ox_of_all(
        actor=actor, tenant=world.acme, users=[world.ben], profile=world.cast.mail, domain=domain
    )
    assert made.ready == [world.ben]


def moved(world: World, actor: Actor, name: str, *also: str) -> None:
    going = [world.domain(each) for each in (name, *also)]
    move_and_remove(actor=actor, tenant=world.acme, domains=going, to=world.domain("new.test"))


def refused_otherwise(act: Callable[[], object]) -> None:
    """There is nothing to retry: what is said has nothing to do with masters."""
    try:
        act()
    except Refused as refusal:
        assert "managed in" not in refusal.sentence  # noqa: PT017 - either way is right


Act = Callable[[World, Actor], object]
# By the name of the command: what it says to everybody but the controller; empty for what stays ours.
TABLE: dict[str, tuple[Act, str]] = {
    "change_tenant": (lambda w, a: tenants.change_tenant(actor=a, tenant=w.acme, name="Other"), CUSTOMER),
    "seats": (lambda w, a: change_subscription(actor=a, tenant=w.acme, seats={w.cast.mail: 3}), CUSTOMER),
    "limits": (lambda w, a: change_subscription(actor=a, tenant=w.acme, group_limit=3), CUSTOMER),
    "quota": (lambda w, a: take_context_over(actor=a, tenant=w.acme, holds={"quota_mb": 5}), CUSTOMER),
    "suspend_tenant": (lambda w, a: tenants.suspend_tenant(actor=a, tenant=w.acme), CUSTOMER),
    "resume_tenant": (lambda w, a: tenants.resume_tenant(actor=a, tenant=suspended(w)), CUSTOMER),
    "remove_tenant": (lambda w, a: tenant_removal.remove_tenant(actor=a, tenant=w.acme), CUSTOMER),
    "restore_tenant": (lambda w, a: tenant_removal.restore_tenant(actor=a, tenant=gone(w)), CUSTOMER),
    "delete_tenant": (lambda w, a: tenant_removal.delete_tenant(actor=a, tenant=w.acme), CUSTOMER),
    "switch_self_service": (lambda w, a: tenants.switch_self_service(actor=a, tenant=w.acme, on=False), ""),
    "retry_tenant": (lambda w, a: refused_otherwise(lambda: tenants.retry_tenant(actor=a, tenant=w.acme)), ""),
    "add_user": (lambda w, a: people.add_user(actor=a, tenant=w.acme, new=new_user()), USERS),
    "remove_user": (lambda w, a: removal.remove_user(actor=a, user=w.ben), USERS),
    "remove_users": (lambda w, a: remove_users(actor=a, users=[w.ben, w.anna]), USERS),
    "restore_user": (lambda w, a: removal.restore_user(actor=a, user=w.zoe), USERS),
    "restore": (lambda w, a: restore(actor=a, removed=some(a, w.acme, [f"user:{w.zoe.pk}"])[0]), USERS),
    "delete_user": (lambda w, a: removal.delete_user(actor=a, user=w.zoe), USERS),
    "adopt_user": (lambda w, a: adopt_user(actor=a, tenant=w.acme, stranger=w.stranger()), USERS),
    "adopt_users": (adopted, USERS),
    "display_name": (lambda w, a: people.change_user(actor=a, user=w.anna, display_name="A B"), USERS),
    "given_name": (lambda w, a: people.change_user(actor=a, user=w.ben, given_name="Benno"), USERS),
    "surname": (lambda w, a: people.change_user(actor=a, user=w.ben, surname="Ash"), USERS),
    "taken_name": (lambda w, a: take_user_over(actor=a, user=w.anna, held={"surname": "Bee"}), USERS),
    "login": (lambda w, a: rename_user(actor=a, user=w.anna, login="anne@acme.test"), USERS),
    "change_password": (lambda w, a: people.change_password(actor=a, user=w.anna, password=NEW), PASSWORDS),
    "change_and_revoke": (
        lambda w, a: app_passwords.change_password(actor=a, user=w.anna, password=NEW, revoke=True),
        PASSWORDS,
    ),
    "enable_with_password": (
        lambda w, a: ox_commands.enable_ox(actor=a, user=w.ben, wish=OxWish(w.cast.mail), password=NEW),
        PASSWORDS,
    ),
    "same_names": (lambda w, a: people.change_user(actor=a, user=w.anna, display_name="Anna Becker"), ""),
    "language": (lambda w, a: people.change_user(actor=a, user=w.anna, language="de_DE", time_zone="UTC"), ""),
    "aliases": (lambda w, a: people.change_user(actor=a, user=w.anna, aliases=("a@acme.test",)), ""),
    "primary_address": (lambda w, a: rename_user(actor=a, user=w.anna, primary_address="ab@acme.test"), ""),
    "change_photo": (lambda w, a: people.change_photo(actor=a, user=w.anna, photo=picture("JPEG")), ""),
    "enable_ox": (lambda w, a: ox_commands.enable_ox(actor=a, user=w.ben, wish=OxWish(w.cast.mail)), ""),
    "disable_ox": (lambda w, a: ox_commands.disable_ox(actor=a, user=w.anna), ""),
    "disable_users": (lambda w, a: disable_users(actor=a, users=[w.anna]), ""),
    "change_profile": (lambda w, a: ox_commands.change_profile(actor=a, users=[w.anna], profile=w.cast.mail), ""),
    "change_aliases": (lambda w, a: ox_commands.change_aliases(actor=a, user=w.anna, aliases=("b@acme.test",)), ""),
    "enable_ox_of_all": (enabled, ""),
    "send_user_again": (lambda w, a: send_user_again(actor=a, user=w.anna, held={"surname": "Bee"}), ""),
    "add_domain": (lambda w, a: domains.add_domain(actor=a, tenant=w.acme, name="more.test"), DOMAINS),
    "adopt_domain": (lambda w, a: adopt_domain(actor=a, tenant=w.acme, name="more.test"), DOMAINS),
    "remove_domain": (lambda w, a: domains.remove_domain(actor=a, domain=w.domain("new.test")), DOMAINS),
    "restore_domain": (lambda w, a: domains.restore_domain(actor=a, domain=w.domain("gone.test")), DOMAINS),
    "delete_domain": (lambda w, a: domains.delete_domain(actor=a, domain=w.domain("gone.test")), DOMAINS),
    "move_and_remove": (lambda w, a: moved(w, a, "acme.test", "lab.acme.test"), DOMAINS),
    "add_below": (lambda w, a: domains.add_domain(actor=a, tenant=w.acme, name="x.acme.test"), ""),
    "add_subdomain": (
        lambda w, a: domains.add_subdomain(actor=a, tenant=w.acme, name="y", parent="acme.test"),
        "",
    ),
    "remove_subdomain": (lambda w, a: domains.remove_domain(actor=a, domain=w.domain("lab.acme.test")), ""),
    "restore_subdomain": (lambda w, a: domains.restore_domain(actor=a, domain=w.domain("old.acme.test")), ""),
    "delete_subdomain": (lambda w, a: domains.delete_domain(actor=a, domain=w.domain("old.acme.test")), ""),
    "move_subdomain": (lambda w, a: moved(w, a, "lab.acme.test"), ""),
    "catch_all": (
        lambda w, a: domains.change_domain(
            actor=a, domain=w.domain("new.test"), catch_all=w.anna.account.primary_address
        ),
        "",
    ),
    "add_group": (lambda w, a: groups.add_group(actor=a, tenant=w.acme, display_name="Team"), ""),
    "add_resource": (
        lambda w, a: resources.add_resource(
            actor=a, tenant=w.acme, wish=resources.ResourceWish("Room", "room@acme.test")
        ),
        "",
    ),
}


def by(world: World, door: Door) -> Actor:
    return replace(world.cast.actor(world.cast.alice), door=door)


def answers(world: World, door: Door) -> dict[str, str]:
    """What each command of the table says to this door; empty where it does its work. Nothing of it lasts."""
    said = {}
    for name, (act, _) in TABLE.items():
        with transaction.atomic():
            try:
                act(world, by(world, door))
                said[name] = ""
            except Refused as refusal:
                said[name] = refusal.sentence
            transaction.set_rollback(True)
    return said


def test_what_the_controller_owns_is_refused_to_others_and_all_else_is_not(world: World) -> None:
    assert answers(world, Door.PANEL) == {name: sentence for name, (_, sentence) in TABLE.items()}


@pytest.mark.parametrize("door", [Door.APS, Door.WORKER, Door.CLI])
def test_the_controller_and_the_operator_may_do_all_of_it(world: World, door: Door) -> None:
    assert answers(world, door) == dict.fromkeys(TABLE, "")


def test_a_refusal_leaves_no_trace(world: World) -> None:
    with refused(None) as caught:
        remove_users(actor=by(world, Door.PANEL), users=[world.anna, world.ben])
    assert caught.value.sentence == USERS


def test_nobody_sets_the_own_password(world: World) -> None:
    oneself = Actor("Anna Becker", Door.SELF_SERVICE, service_user_id=world.anna.pk)
    before = everything()
    with pytest.raises(Refused, match="Set them there"):
        change_own_password(actor=oneself, user=world.anna, old=PASSWORD, new=NEW)
    assert everything() == before


def test_a_customer_of_ours_is_not_concerned(world: World) -> None:
    zack = world.cast.user("Zack Ray", tenant=world.cast.globex)
    people.change_user(actor=by(world, Door.PANEL), user=zack, surname="Roy")
    assert ServiceUser.objects.get(pk=zack.pk).surname == "Roy"


def controllers(world: World, act: Act) -> AuditEntry:
    """What the controller has done, as one entry."""
    act(world, replace(by(world, Door.APS), request_id="controller"))
    return AuditEntry.objects.filter(request_id="controller").latest("id")


UNDONE: list[tuple[Act, str]] = [
    (TABLE["remove_user"][0], USERS),
    (TABLE["login"][0], USERS),
    (TABLE["surname"][0], USERS),
    (TABLE["remove_domain"][0], DOMAINS),
]


@pytest.mark.parametrize(("act", "sentence"), UNDONE)
def test_the_controllers_acts_are_not_taken_back(world: World, act: Act, sentence: str) -> None:
    entry, me = controllers(world, act), by(world, Door.PANEL)
    subject = entry_subject(entry)
    assert undoable(me, [entry], subject, set()) == set()
    with pytest.raises(Refused) as caught:
        undo(actor=me, entry=entry)
    assert caught.value.sentence == sentence
    outcome = undo_act(actor=me, tenant_id=world.acme.pk, request_id="controller")
    assert [refusal.sentence for _, refusal in outcome.refused] == [sentence]
    undo(actor=by(world, Door.APS), entry=entry)


@pytest.mark.parametrize("name", ["language", "change_profile", "remove_subdomain"])
def test_what_is_ours_is_taken_back_as_ever(world: World, name: str) -> None:
    entry, me = controllers(world, TABLE[name][0]), by(world, Door.PANEL)
    assert undoable(me, [entry], entry_subject(entry), set()) == {entry.pk}
    undo(actor=me, entry=entry)


def entry_subject(entry: AuditEntry) -> Any:
    model = {"serviceuser": ServiceUser, "domain": Domain}[entry.subject_kind]
    return model.objects.get(pk=entry.subject_id)
