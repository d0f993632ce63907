"""Each role and each command: who may, who may not, and who must not even learn that there is something."""

import pytest
from django.db import transaction
from tests.cast import PASSWORD

from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.states import Door, Role
from oxherd.brands.commands import add_brand, change_brand
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.errors import NotAllowed, NotYours
from oxherd.people import commands as people
from oxherd.people import ox_commands as ox
from oxherd.people import removal_commands as removals
from oxherd.people.records import OxWish
from oxherd.profiles.commands import add_profile, change_profile
from oxherd.provisioning.models import SyncJob
from oxherd.tenants import commands as tenants
from oxherd.tenants import removal_commands as tenant_removals

ROLES = (
    *("operator", "reseller", "reseller elsewhere", "administrator", "administrator elsewhere"),
    *("help desk", "read-only", "reader of the brand", "nobody"),
)
DONE, NO, BLIND = "done", NotAllowed, NotYours
#                    operator  reseller  elsewhere  admin   elsewhere  help desk  reader  reader of brand  nobody
PROVIDER = dict(zip(ROLES, (DONE, NO, NO, NO, NO, NO, NO, NO, NO), strict=True))
BRAND = dict(zip(ROLES, (DONE, NO, BLIND, BLIND, BLIND, BLIND, BLIND, NO, BLIND), strict=True))
OF_BRAND = dict(zip(ROLES, (DONE, DONE, BLIND, BLIND, BLIND, BLIND, BLIND, NO, BLIND), strict=True))
TENANT = dict(zip(ROLES, (DONE, DONE, BLIND, NO, BLIND, NO, NO, NO, BLIND), strict=True))
USERS = dict(zip(ROLES, (DONE, DONE, BLIND, DONE, BLIND, NO, NO, NO, BLIND), strict=True))
PHONE = dict(zip(ROLES, (DONE, DONE, BLIND, DONE, BLIND, DONE, NO, NO, BLIND), strict=True))


class Stage:
    """Acme with somebody in OX, somebody without, and failed work; and another brand."""

    def __init__(self, cast):
        self.cast, self.brand, self.acme = cast, cast.brand, cast.acme
        self.anna = cast.user("Anna Becker", ox=True)
        self.bert = cast.user("Bert Conrad")
        self.gone = cast.user("Gus Gone")
        removals.remove_user(actor=cast.system, user=self.gone)
        self.spare = add_domain(actor=cast.system, tenant=cast.acme, name="spare.test")
        settings = {"api_url": "http://127.0.0.1:9", "username": "x", "password": "y"}
        self.other = add_brand(actor=cast.system, name="Sunset", **settings)
        SyncJob.objects.update(state="refused")

    def actors(self):
        acme, globex = {"tenant_id": self.acme.pk}, {"tenant_id": self.cast.globex.pk}
        grants = (
            (Grant(Role.OPERATOR),),
            (Grant(Role.RESELLER, brand_id=self.brand.pk),),
            (Grant(Role.RESELLER, brand_id=self.other.pk),),
            (Grant(Role.CUSTOMER_ADMINISTRATOR, **acme),),
            (Grant(Role.CUSTOMER_ADMINISTRATOR, **globex),),
            (Grant(Role.HELP_DESK, **acme), Grant(Role.CUSTOMER_ADMINISTRATOR, **globex)),
            (Grant(Role.READ_ONLY, **acme), Grant(Role.RESELLER, brand_id=self.other.pk)),
            (Grant(Role.READ_ONLY, brand_id=self.brand.pk),),
            (),
        )
        return {role: Actor(role, Door.PANEL, held) for role, held in zip(ROLES, grants, strict=True)}

    def new(self):
        return people.NewUser(display_name="Eve Fox", login="eve", domain="acme.test", password=PASSWORD)


def make_brand(by, _):
    add_brand(actor=by, name="Moon", api_url="http://127.0.0.1:9", username="x", password="y")


COMMANDS = {
    "add_brand": (PROVIDER, make_brand),
    "change_brand": (BRAND, lambda by, on: change_brand(actor=by, brand=on.brand, name="Dawn")),
    "add_profile": (OF_BRAND, lambda by, on: add_profile(actor=by, brand=on.brand, name="P", access_combination="all")),
    "change_profile": (OF_BRAND, lambda by, on: change_profile(actor=by, profile=on.cast.mail, rank=7)),
    "add_tenant": (OF_BRAND, lambda by, on: tenants.add_tenant(actor=by, brand=on.brand, name="Initech")),
    "change_tenant": (TENANT, lambda by, on: tenants.change_tenant(actor=by, tenant=on.acme, name="Acme 2")),
    "suspend_tenant": (TENANT, lambda by, on: tenants.suspend_tenant(actor=by, tenant=on.acme)),
    "resume_tenant": (TENANT, lambda by, on: tenants.resume_tenant(actor=by, tenant=on.acme)),
    "remove_tenant": (TENANT, lambda by, on: tenant_removals.remove_tenant(actor=by, tenant=on.acme)),
    "delete_tenant": (TENANT, lambda by, on: tenant_removals.delete_tenant(actor=by, tenant=on.acme)),
    "retry_tenant": (PHONE, lambda by, on: tenants.retry_tenant(actor=by, tenant=on.acme)),
    "add_domain": (USERS, lambda by, on: add_domain(actor=by, tenant=on.acme, name="new.test")),
    "remove_domain": (USERS, lambda by, on: remove_domain(actor=by, domain=on.spare)),
    "add_user": (USERS, lambda by, on: people.add_user(actor=by, tenant=on.acme, new=on.new())),
    "change_user": (USERS, lambda by, on: people.change_user(actor=by, user=on.anna, surname="Bach")),
    "change_photo": (USERS, lambda by, on: people.change_photo(actor=by, user=on.anna, photo=None)),
    "change_password": (PHONE, lambda by, on: people.change_password(actor=by, user=on.anna, password=PASSWORD)),
    "remove_user": (USERS, lambda by, on: removals.remove_user(actor=by, user=on.bert)),
    "restore_user": (USERS, lambda by, on: removals.restore_user(actor=by, user=on.gone)),
    "delete_user": (USERS, lambda by, on: removals.delete_user(actor=by, user=on.gone)),
    "enable_ox": (USERS, lambda by, on: ox.enable_ox(actor=by, user=on.bert, wish=OxWish(on.cast.mail))),
    "disable_ox": (USERS, lambda by, on: ox.disable_ox(actor=by, user=on.anna)),
    "change_user_profile": (USERS, lambda by, on: ox.change_profile(actor=by, users=[on.anna], profile=on.cast.mail)),
    "change_aliases": (USERS, lambda by, on: ox.change_aliases(actor=by, user=on.anna, aliases=("a@acme.test",))),
    "retry_ox": (PHONE, lambda by, on: ox.retry_ox(actor=by, user=on.anna)),
}


def outcome(act, actor, stage):
    """What comes of it, taken back afterwards."""
    with transaction.atomic():
        try:
            act(actor, stage)
        except (NotAllowed, NotYours) as error:
            return type(error)
        finally:
            transaction.set_rollback(True)
    return DONE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_heeds_the_role_and_its_place(cast, command):
    expected, act = COMMANDS[command]
    stage = Stage(cast)
    assert {role: outcome(act, actor, stage) for role, actor in stage.actors().items()} == expected


def test_changing_profiles_of_many_stops_at_one_who_is_not_yours(cast):
    anna, zoe = cast.user("Anna Becker", ox=True), cast.user("Zoe Quist", tenant=cast.globex, ox=True)
    with pytest.raises(NotYours):
        ox.change_profile(actor=cast.actor(cast.bob), users=[anna, zoe], profile=cast.mail)
    anna.account.refresh_from_db()
    assert anna.account.profile == cast.groupware
