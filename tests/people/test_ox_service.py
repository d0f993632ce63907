import pytest
from tests.cast import PASSWORD
from tests.rows import everything, last_entry, refused, waiting
from tests.threads import overlapping

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.models import Address
from oxherd.errors import Refused
from oxherd.people import ox_commands as ox
from oxherd.people import passwords
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import OxWish, release_addresses
from oxherd.people.removal_commands import delete_user
from oxherd.provisioning import ledger, queue
from oxherd.provisioning.models import SyncJob
from oxherd.sync.account_rows import read, settle
from oxherd.tenants.models import Seats

ME = system("Tests", Door.CLI)


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def used(cast):
    return dict(Seats.objects.filter(tenant=cast.acme).values_list("profile__name", "used"))


def fail(account, state="refused"):
    """As the worker leaves a job that needs a person."""
    SyncJob.objects.filter(subject_kind="account", subject_id=account.pk).update(state=state)
    queue.withdraw(f"account:{account.pk}")
    ServiceUser.objects.filter(pk=account.user_id).update(status="error")


def test_ox_is_enabled_with_a_password_of_its_own(cast):
    bert = cast.user("Bert Conrad", login="bert")
    account = ox.enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail, ("info@acme.test",)))
    bert.refresh_from_db()
    assert bert.status == "in_progress"
    assert passwords.verifies(bert.password_hash, PASSWORD)
    assert len(sealing.unseal(account.sealed_password)) == 19
    assert (last_entry().action, last_entry().after) == (
        "ox:enable",
        {"profile": "Mail", "primary_address": "bert@acme.test", "aliases": ["info@acme.test"]},
    )
    assert len(waiting(f"account:{account.pk}")) == 1


def test_ox_is_enabled_with_the_password_given(cast):
    bert = cast.user("Bert Conrad")
    account = ox.enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail), password="violet umbrella in March")
    bert.refresh_from_db()
    assert passwords.verifies(bert.password_hash, "violet umbrella in March")
    assert sealing.unseal(account.sealed_password) == "violet umbrella in March"


@pytest.mark.parametrize(
    ("field", "aliases", "primary", "password"),
    [
        ("password", (), "", "BertConrad1"),
        ("aliases", ("info@globex.test",), "", ""),
        ("aliases", ("anna@acme.test",), "", ""),
        ("primary_address", (), "anna@acme.test", ""),
    ],
)
def test_what_cannot_be_had_is_refused_at_its_field(cast, field, aliases, primary, password):
    cast.user("Anna Becker", login="anna", ox=True)
    bert = cast.user("Bert Conrad")
    with refused(field):
        ox.enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail, aliases, primary), password=password)


def test_a_name_that_the_platform_has_is_refused_when_ox_is_enabled(cast):
    cast.user("Anna Becker", login="anna", ox=True)
    second = cast.user("Anna Becker", login="anna2")
    with refused("display_name"):
        ox.enable_ox(actor=ME, user=second, wish=OxWish(cast.mail))


def test_ox_is_not_enabled_twice(cast):
    anna = cast.user("Anna Becker", ox=True)
    with refused(None) as caught:
        ox.enable_ox(actor=ME, user=anna, wish=OxWish(cast.mail))
    assert caught.value.sentence == "OX is enabled for Anna Becker already."


def test_ox_is_disabled_and_its_seat_is_free(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    ox.disable_ox(actor=ME, user=anna)
    anna.refresh_from_db()
    assert (anna.presence, anna.status, anna.account.presence) == ("present", "in_progress", "leaving")
    assert used(cast) == {"Mail": 0, "Groupware": 0}
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias"}
    assert (last_entry().action, last_entry().before["aliases"]) == ("ox:disable", ["info@acme.test"])
    assert len(waiting(f"account:{anna.account.pk}")) == 1


def test_what_is_not_enabled_is_neither_disabled_nor_changed(cast):
    bert = cast.user("Bert Conrad")
    acts = (
        lambda: ox.disable_ox(actor=ME, user=bert),
        lambda: ox.change_profile(actor=ME, users=[bert], profile=cast.mail),
        lambda: ox.change_aliases(actor=ME, user=bert, aliases=()),
    )
    for act in acts:
        with refused(None) as caught:
            act()
        assert caught.value.sentence == "OX is not enabled for Bert Conrad. Enable it first."


def test_a_released_user_keeps_the_login_only(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    release_addresses(anna)
    assert held(anna) == {"anna@acme.test": "login"}


def test_ox_can_be_enabled_again_before_the_worker_came(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    OxAccount.objects.update(ox_id=7, applied={"name": "anna@acme.test"})
    pk = anna.account.pk
    ox.disable_ox(actor=ME, user=anna)
    ox.enable_ox(actor=ME, user=anna, wish=OxWish(cast.mail, ("sales@acme.test",)))
    account = OxAccount.objects.get(pk=pk)
    assert (account.presence, account.profile, account.ox_id) == ("present", cast.mail, 7)
    assert held(anna) == {"anna@acme.test": "primary", "sales@acme.test": "alias"}
    assert used(cast) == {"Mail": 1, "Groupware": 0}
    assert len(waiting(f"account:{pk}")) == 1


def test_somebody_who_is_leaving_gets_no_ox(cast):
    anna = cast.user("Anna Becker", ox=True)
    delete_user(actor=ME, user=anna)
    with refused(None):
        ox.enable_ox(actor=ME, user=anna, wish=OxWish(cast.mail))


def test_aliases_are_exactly_those_given(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test", "old@acme.test"))
    ox.change_aliases(actor=ME, user=anna, aliases=("INFO@acme.test", "new@acme.test", "anna@acme.test"))
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias", "new@acme.test": "alias"}
    assert last_entry().before == {"aliases": ["info@acme.test", "old@acme.test"]}
    assert last_entry().after == {"aliases": ["info@acme.test", "new@acme.test"]}


def test_the_login_is_held_whatever_the_primary_address_is(cast):
    bert = cast.user("Bert Conrad", login="bert")
    ox.enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail, (), "b.conrad@acme.test"))
    assert held(bert) == {"b.conrad@acme.test": "primary", "bert@acme.test": "login"}
    ox.change_aliases(actor=ME, user=bert, aliases=("bert@acme.test",))
    assert held(bert) == {"b.conrad@acme.test": "primary", "bert@acme.test": "alias"}
    ox.change_aliases(actor=ME, user=bert, aliases=())
    assert held(bert) == {"b.conrad@acme.test": "primary", "bert@acme.test": "login"}


def test_aliases_that_are_so_already_change_nothing(cast):
    anna = cast.user("Anna Becker", ox=True, aliases=("info@acme.test",))
    before = everything()
    ox.change_aliases(actor=ME, user=anna, aliases=(" Info@ACME.test ",))
    assert everything() == before


def test_an_alias_of_somebody_else_is_refused(cast):
    cast.user("Zoe Adler", login="zoe", ox=True)
    anna = cast.user("Anna Becker", ox=True)
    with refused("aliases"):
        ox.change_aliases(actor=ME, user=anna, aliases=("new@acme.test", "zoe@acme.test"))


def test_many_get_another_profile_and_those_who_have_it_are_left_alone(cast):
    people = [cast.user(name, ox=True) for name in ("Anna Becker", "Bert Conrad")]
    ox.change_profile(actor=ME, users=people[:1], profile=cast.mail)
    entries = AuditEntry.objects.count()
    assert ox.change_profile(actor=ME, users=[*people, people[1]], profile=cast.mail) == 1
    assert AuditEntry.objects.count() == entries + 1
    assert (last_entry().before, last_entry().after) == ({"profile": "Groupware"}, {"profile": "Mail"})
    assert used(cast) == {"Mail": 2, "Groupware": 0}


@pytest.mark.parametrize("state", ["refused", "stuck", "failed"])
def test_what_failed_is_tried_again(cast, state):
    anna = cast.user("Anna Becker", ox=True)
    fail(anna.account, state)
    ox.retry_ox(actor=cast.actor(cast.dora), user=anna)
    anna.refresh_from_db()
    assert anna.status == "in_progress"
    assert last_entry().action == "ox:retry"
    assert [job.requested_by for job in waiting(f"account:{anna.account.pk}")] == ["Dora"]


def test_the_removal_of_somebody_that_failed_is_tried_again(cast):
    anna = cast.user("Anna Becker", ox=True)
    delete_user(actor=ME, user=anna)
    fail(anna.account)
    ox.retry_ox(actor=ME, user=anna)
    assert len(waiting(f"account:{anna.account.pk}")) == 1


@pytest.mark.parametrize("state", ["done", "parked", "running", "superseded"])
def test_nothing_is_tried_again_where_nothing_failed(cast, state):
    anna = cast.user("Anna Becker", ox=True)
    fail(anna.account, state)
    with refused(None) as caught:
        ox.retry_ox(actor=ME, user=anna)
    assert caught.value.sentence == "There is nothing to try again."


def test_without_ox_there_is_nothing_to_try_again(cast):
    bert = cast.user("Bert Conrad")
    with refused(None):
        ox.retry_ox(actor=ME, user=bert)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_retry_make_one_open_job(open_cast):
    anna = open_cast.user("Anna Becker", ox=True)
    fail(anna.account)
    retry = lambda: ox.retry_ox(actor=ME, user=anna)  # noqa: E731 - the same act twice
    overlapping(retry, retry)
    assert len(waiting(f"account:{anna.account.pk}")) == 1


@pytest.mark.django_db(transaction=True)
def test_ox_enabled_by_two_at_once_is_enabled_once(open_cast):
    bert = open_cast.user("Bert Conrad")
    enable = lambda: ox.enable_ox(actor=ME, user=bert, wish=OxWish(open_cast.mail))  # noqa: E731 - the same act twice
    _, second = overlapping(enable, enable)
    assert type(second) is Refused
    assert used(open_cast) == {"Mail": 1, "Groupware": 0}


@pytest.mark.django_db(transaction=True)
def test_a_command_and_the_worker_that_is_just_done_do_not_wait_for_each_other(open_cast):
    """The command holds the person and will write the account; the worker writes both."""
    anna = open_cast.user("Anna Becker", ox=True)
    job = ledger.claim(SyncJob.objects.get(subject_kind="account").pk)
    now = read(anna.account.pk)
    now.ox_id = 7
    outcomes = overlapping(
        lambda: ServiceUser.objects.select_for_update().get(pk=anna.pk),
        lambda: settle(now, {"name": now.login}, job),
        then=lambda: ox.change_profile(actor=ME, users=[anna], profile=open_cast.mail),
    )
    assert outcomes == (1, None)
    account = OxAccount.objects.get(user=anna)
    assert (account.ox_id, account.profile) == (7, open_cast.mail)
