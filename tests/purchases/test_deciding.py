import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.rows import everything, last_entry, refused, waiting
from tests.threads import overlapping

from oxherd.audit.models import AuditEntry
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile, disable_ox
from oxherd.purchases import queries
from oxherd.purchases.commands import close_what_is_moot, proceed, reject
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants.models import Seats


def told() -> list[dict[str, int]]:
    entries = ProcrastinateJob.objects.filter(task_name="oxherd.tell_requester").order_by("id")
    return [entry.args for entry in entries]


def profile_of(user: ServiceUser) -> str:
    return str(OxAccount.objects.get(user=user).profile)


@pytest.fixture
def bob(cast):
    return cast.actor(cast.bob)


def test_proceed_gives_the_profile_by_the_normal_path_and_links_the_job(cast, bob, anna, asks):
    request = proceed(actor=bob, request=asks(anna))
    (job,) = waiting(f"account:{anna.account.pk}")
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.job_id) == ("approved", "Bob", job.pk)
    assert profile_of(anna) == "Groupware"
    assert told() == [{"request_id": request.pk}]
    entry = last_entry()
    assert (entry.action, entry.before, entry.after) == (
        "purchase:approve",
        {"profile": "Mail"},
        {"profile": "Groupware"},
    )
    assert list(AuditEntry.objects.order_by("-id").values_list("action", flat=True)[:2]) == [
        "purchase:approve",
        "ox:profile",
    ]


def test_without_a_free_seat_it_says_so_and_changes_nothing(cast, bob, anna, asks, premium):
    change_profile(actor=cast.system, users=[cast.user("Ben Oak", ox=True)], profile=premium)
    request = asks(anna, premium)
    with refused("profile") as caught:
        proceed(actor=bob, request=request)
    assert caught.value.sentence == (
        "The only seat of the profile Premium is taken. Choose another profile or order more seats."
    )
    assert PurchaseRequest.objects.get().state == "open"


def test_a_profile_that_is_not_in_the_subscription_is_told_as_such(cast, bob, anna, asks, premium):
    Seats.objects.filter(tenant=cast.acme, profile=premium).delete()
    request = asks(anna, premium)
    with refused("profile") as caught:
        proceed(actor=bob, request=request)
    assert caught.value.sentence == "The profile Premium is not part of this subscription."


def test_reject_keeps_the_reason_and_changes_nothing_else(cast, bob, anna, asks):
    request = reject(actor=bob, request=asks(anna), reason="  No  budget this year ")
    request.refresh_from_db()
    assert (request.state, request.reason, request.decided_by) == ("rejected", "No budget this year", "Bob")
    assert (request.job_id, profile_of(anna)) == (None, "Mail")
    assert told() == [{"request_id": request.pk}]
    assert (last_entry().action, last_entry().after["reason"]) == ("purchase:reject", "No budget this year")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "no\x07"])
def test_reject_wants_a_reason_that_can_be_read(bob, anna, asks, reason):
    request = asks(anna)
    with refused("reason"):
        reject(actor=bob, request=request, reason=reason)


def test_what_is_decided_is_not_decided_again(cast, bob, anna, asks):
    request = reject(actor=bob, request=asks(anna), reason="No")
    with refused(None) as caught:
        proceed(actor=bob, request=request)
    assert caught.value.sentence == "This request is rejected by Bob already."
    with refused(None):
        reject(actor=bob, request=request, reason="No")


def test_who_is_gone_or_without_ox_gets_no_profile(cast, bob, anna, asks):
    request = asks(anna)
    disable_ox(actor=cast.system, user=anna)
    with refused(None):
        proceed(actor=bob, request=request)
    ServiceUser.objects.filter(pk=anna.pk).delete()
    with refused(None) as caught:
        proceed(actor=bob, request=request)
    assert caught.value.sentence == "Anna Becker has been removed meanwhile. Reject the request."
    assert reject(actor=bob, request=request, reason="She has left").state == "rejected"


def test_a_request_that_is_gone_says_so(bob, anna, asks):
    request = asks(anna)
    PurchaseRequest.objects.all().delete()
    with pytest.raises(Refused):
        proceed(actor=bob, request=request)


@pytest.mark.parametrize(("who", "answer"), [("charlie", NotYours), ("dora", NotAllowed), ("rita", NotAllowed)])
def test_a_stranger_finds_nothing_and_a_smaller_role_decides_nothing(cast, anna, asks, who, answer):
    request, actor = asks(anna), cast.actor(getattr(cast, who))
    before = everything()
    with pytest.raises(answer):
        proceed(actor=actor, request=request)
    with pytest.raises(answer):
        reject(actor=actor, request=request, reason="No")
    assert everything() == before
    assert queries.found(actor, cast.acme).exists() is (who != "charlie")


def test_the_higher_profile_overtakes_the_request_for_the_lower_one(bob, anna, asks, premium):
    lower, higher = asks(anna), asks(anna, premium)
    proceed(actor=bob, request=higher)
    lower.refresh_from_db()
    assert (lower.state, lower.decided_by) == ("superseded", "")
    assert told() == [{"request_id": higher.pk}]


def test_the_lower_profile_leaves_the_request_for_the_higher_one_open(bob, anna, asks, premium):
    lower, higher = asks(anna), asks(anna, premium)
    proceed(actor=bob, request=lower)
    higher.refresh_from_db()
    assert higher.state == "open"


@pytest.mark.parametrize("how", ["raised", "disabled", "removed"])
def test_what_is_moot_is_closed(cast, anna, asks, how):
    request, other = asks(anna), asks(cast_user_with_mail(cast))
    if how == "raised":
        change_profile(actor=cast.system, users=[anna], profile=cast.groupware)
    elif how == "disabled":
        disable_ox(actor=cast.system, user=anna)
    else:
        ServiceUser.objects.filter(pk=anna.pk).delete()
    assert close_what_is_moot() == 1
    for each in (request, other):
        each.refresh_from_db()
    assert (request.state, other.state) == ("superseded", "open")
    assert (close_what_is_moot(), told()) == (0, [])


def cast_user_with_mail(cast):
    user = cast.user("Ben Oak", ox=True)
    change_profile(actor=cast.system, users=[user], profile=cast.mail)
    return user


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_refused(transactional_db, cast, bob, anna, asks):
    request = asks(anna)
    _, second = overlapping(
        lambda: proceed(actor=bob, request=request),
        lambda: reject(actor=cast.actor(cast.alice), request=request, reason="No"),
    )
    assert second.sentence == "This request is approved by Bob already."
    assert (PurchaseRequest.objects.get().state, profile_of(anna)) == ("approved", "Groupware")


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_goes_to_one_of_two_requests_at_once(cast, bob, anna, asks, premium):
    first, second = asks(anna, premium), asks(cast_user_with_mail(cast), premium)
    _, refusal = overlapping(lambda: proceed(actor=bob, request=first), lambda: proceed(actor=bob, request=second))
    assert "The only seat of the profile Premium is taken" in refusal.sentence
    assert sorted(PurchaseRequest.objects.values_list("state", flat=True)) == ["approved", "open"]
