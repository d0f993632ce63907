import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.rows import last_entry, refused
from tests.threads import at_once

from oxherd import sealing
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand, change_brand
from oxherd.brands.upsell_commands import change_upsell
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.profiles.commands import add_profile
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants.commands import suspend_tenant

TOKEN = "one-time-token-7f3a"


def test_a_request_keeps_who_asks_for_what_and_why(cast, anna, asks):
    asks(anna, missing=("calendar", "tasks"), trigger="app io.ox/calendar", message="Please!\r\nAnna", language="de_DE")
    request = PurchaseRequest.objects.get()
    assert (str(request), request.user_address, request.from_name, request.to_name) == (
        "Anna Becker",
        "anna.becker@acme.test",
        "Mail",
        "Groupware",
    )
    assert (request.missing, request.trigger, request.message) == (
        ["calendar", "tasks"],
        "app io.ox/calendar",
        "Please!\nAnna",
    )
    assert (request.state, request.verification, request.times_asked) == ("open", "unverified", 1)
    assert request.asked_at == request.last_asked_at or request.last_asked_at > request.asked_at
    entry = last_entry()
    assert (entry.action, entry.door, entry.subject_id, entry.tenant_id) == (
        "purchase:ask",
        "app_suite",
        anna.pk,
        cast.acme.pk,
    )


def test_asking_again_counts_up_and_makes_no_twin(anna, asks, premium):
    first = asks(anna, missing=("calendar",), message="Please!")
    entries = AuditEntry.objects.count()
    asks(anna, missing=("tasks", "calendar"))
    again = PurchaseRequest.objects.get()
    assert (again.times_asked, again.message, again.missing) == (2, "Please!", ["calendar", "tasks"])
    assert again.last_asked_at > again.asked_at == first.asked_at
    assert AuditEntry.objects.count() == entries
    asks(anna, premium)
    assert PurchaseRequest.objects.count() == 2


def test_after_a_decision_one_may_ask_anew(cast, anna, asks):
    PurchaseRequest.objects.filter(pk=asks(anna).pk).update(state="rejected")
    asks(anna)
    assert sorted(PurchaseRequest.objects.values_list("state", "times_asked")) == [("open", 1), ("rejected", 1)]


def test_what_is_no_upgrade_is_refused(cast, anna, asks):
    with refused("profile"):
        asks(anna, cast.mail)
    change_profile(actor=cast.system, users=[anna], profile=cast.groupware)
    with refused("profile"):
        asks(anna, cast.mail)


def test_a_profile_of_another_brand_is_not_on_offer(cast, anna, asks):
    other = add_brand(actor=cast.system, name="Other", api_url="http://127.0.0.1:9", username="x", password="y")
    strange = add_profile(actor=cast.system, brand=other, name="Gold", access_combination="all", rank=9)
    with refused("profile"):
        asks(anna, strange)


def test_a_suspended_customer_asks_for_nothing(cast, anna, asks):
    suspend_tenant(actor=cast.system, tenant=cast.acme)
    with refused(None):
        asks(anna)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Hello  ", "Hello"),
        ("a\x00b\x07c\n\nd\tq", "abc\n\ndq"),
        ("\ud800 x", "x"),
        ("", ""),
        ("ü" * 1000, "ü" * 1000),
    ],
    ids=range(5),
)
def test_a_message_is_kept_with_its_lines_and_without_what_cannot_be_shown(anna, asks, typed, kept):
    assert asks(anna, message=typed).message == kept


def test_too_long_a_message_is_refused_and_nothing_is_kept(anna, asks):
    with refused("message"):
        asks(anna, message="x" * 1001)


def test_a_credential_is_sealed_and_handed_to_the_worker_by_the_requests_id(cast, anna, asks):
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="https://webmail.test/appsuite/")
    change_upsell(actor=cast.system, brand=cast.brand, token_secret="a-line-of-secrets")
    request = asks(anna, credential_kind="token", credential=TOKEN)
    assert (request.verification, sealing.unseal(request.sealed_credential)) == ("pending", TOKEN)
    entry = ProcrastinateJob.objects.get(task_name="oxherd.verify_requester")
    assert entry.args == {"request_id": request.pk}
    assert TOKEN not in request.sealed_credential


@pytest.mark.parametrize("kind", ["token", "session", "", "else"])
def test_where_nothing_can_be_verified_no_credential_is_kept(cast, anna, asks, kind):
    change_upsell(actor=cast.system, brand=cast.brand)
    request = asks(anna, credential_kind=kind, credential=TOKEN)
    assert (request.verification, request.sealed_credential) == ("unverified", "")
    assert not ProcrastinateJob.objects.filter(task_name="oxherd.verify_requester").exists()


def test_what_came_verified_is_not_overwritten_by_what_anybody_may_claim(anna, asks):
    PurchaseRequest.objects.filter(pk=asks(anna, message="Truly mine").pk).update(verification="token")
    again = asks(anna, message="A joke", credential_kind="token", credential=TOKEN)
    assert (again.message, again.verification, again.sealed_credential) == ("Truly mine", "token", "")


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_make_one_request(transactional_db, cast, anna, asks):
    first, second = at_once(lambda: asks(anna), lambda: asks(anna))
    assert first.pk == second.pk
    assert list(PurchaseRequest.objects.values_list("times_asked", flat=True)) == [2]


def test_the_history_outlives_the_user(cast, anna, asks):
    asks(anna)
    ServiceUser.objects.filter(pk=anna.pk).delete()
    request = PurchaseRequest.objects.get()
    assert (request.user, str(request), request.user_address) == (None, "Anna Becker", "anna.becker@acme.test")
