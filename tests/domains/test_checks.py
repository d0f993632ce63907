"""The worker looks at the DNS: a claim with its proof is verified, and what else was found is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.rows import last_entry, waiting
from tests.worker import drain, empty_queue

from oxherd.domains import checks
from oxherd.domains.commands import add_domain, add_subdomain, remove_domain
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import note_check, request_check, request_due_checks
from oxherd.domains.records import compared
from oxherd.domains.states import next_check
from oxherd.errors import NotAllowed, NotYours
from oxherd.sync.domains import check_domain
from oxherd.sync.housekeeping import MOST_CHECKS, one_round

NOW = timezone.now()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def queued():
    entries = ProcrastinateJob.objects.filter(queue_name="dns", status="todo").order_by("-priority", "id")
    return [(entry.args["domain_id"], entry.priority, entry.lock) for entry in entries]


def checked(domain):
    check_domain(domain.pk)
    domain.refresh_from_db()
    return domain.proof, compared(domain)[0].state


@pytest.mark.parametrize(
    ("waited", "pause"),
    [
        (timedelta(0), MINUTE),
        (timedelta(seconds=30), MINUTE),
        (2 * MINUTE, 2 * MINUTE),
        (timedelta(hours=5), timedelta(hours=5)),
        (3 * DAY, DAY),
        (29.9 * DAY, DAY),
        (30 * DAY, None),
        (90 * DAY, None),
    ],
)
def test_a_claim_is_looked_at_ever_less_often_and_for_a_month(waited, pause):
    assert next_check(NOW, NOW - waited, verified=False) == (pause and NOW + pause)
    assert next_check(NOW, NOW - waited, verified=True) == NOW + DAY


def test_a_claim_with_its_record_is_verified(cast, claim, little_dns):
    new = claim("new.test")
    little_dns.has(new.proof_name, "TXT", f'"{new.proof_value}"')
    assert checked(new) == ("txt", "ok")
    assert (last_entry().action, last_entry().after["proof"]) == ("domain:verify", "txt")
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1
    assert new.checking_since is None
    assert timezone.now() - new.checked_at < MINUTE


def test_a_claim_of_another_script_is_looked_for_in_its_stored_form(claim, little_dns):
    new = claim("bücher.example")
    little_dns.has("_oxherd-verify.xn--bcher-kva.example", "TXT", f'"{new.proof_value}"')
    assert checked(new) == ("txt", "ok")


def test_a_wrong_record_proves_nothing(claim, little_dns):
    new, theirs = claim("new.test"), claim("new.test", by="charlie")
    little_dns.has(new.proof_name, "TXT", f'"{new.proof_value}x"', f'"{theirs.token}"')
    assert checked(new) == ("", "other")
    little_dns.has("new.test", "TXT", f'"{new.proof_value}"')  # the right text in the wrong place
    assert checked(new) == ("", "other")


def test_of_two_claims_the_one_whose_record_is_there_is_verified(claim, little_dns):
    ours, theirs = claim("new.test"), claim("new.test", by="charlie")
    little_dns.has(ours.proof_name, "TXT", f'"{theirs.proof_value}"')
    assert (checked(ours)[0], checked(theirs)[0]) == ("", "txt")
    little_dns.has(ours.proof_name, "TXT", f'"{ours.proof_value}"')  # too late
    assert checked(ours) == ("", "ok")


@pytest.mark.parametrize("trouble", ["nothing there", "broken", "silent"])
def test_without_a_record_a_claim_waits_on(claim, little_dns, trouble):
    new = claim("new.test")
    if trouble != "nothing there":
        getattr(little_dns, trouble).add("*")
    assert checked(new) == ("", "missing" if trouble == "nothing there" else "unknown")
    assert new.next_check_at > timezone.now()


def test_a_verified_domain_whose_record_goes_away_stays_verified(claim, little_dns):
    new = claim("new.test")
    little_dns.has(new.proof_name, "TXT", f'"{new.proof_value}"')
    assert checked(new) == ("txt", "ok")
    little_dns.zone.clear()
    assert checked(new) == ("txt", "missing")
    assert timezone.now() + DAY - new.next_check_at < MINUTE


def test_what_is_gone_is_not_looked_at(cast, claim, little_dns):
    new = claim("new.test")
    remove_domain(actor=cast.actor(cast.bob), domain=new)
    little_dns.has(new.proof_name, "TXT", f'"{new.proof_value}"')
    assert checked(new)[0] == ""
    check_domain(999_999)
    note_check(new.pk, {})
    assert little_dns.asked == []


def test_check_again_asks_the_worker_once(cast, claim):
    new = claim("new.test")
    empty_queue()
    for _ in range(2):
        request_check(actor=cast.actor(cast.bob), domain=new)
    new.refresh_from_db()
    assert queued() == [(new.pk, checks.SOON, f"domain:{new.pk}")]
    assert new.is_being_checked
    assert (last_entry().action, last_entry().subject_name) == ("domain:check", "new.test")


def test_a_check_that_was_lost_is_asked_for_again(cast, claim):
    new = claim("new.test")
    Domain.objects.filter(pk=new.pk).update(checking_since=timezone.now() - 3 * MINUTE)
    empty_queue()
    request_check(actor=cast.actor(cast.bob), domain=new)
    assert len(queued()) == 1


def test_help_desk_checks_again_and_readers_and_strangers_do_not(cast, claim):
    new = claim("new.test")
    request_check(actor=cast.actor(cast.dora), domain=new)
    with pytest.raises(NotAllowed):
        request_check(actor=cast.actor(cast.rita), domain=new)
    with pytest.raises(NotYours):
        request_check(actor=cast.actor(cast.charlie), domain=new)


def test_a_claim_is_given_up_after_a_month_and_taken_up_by_a_person(cast, claim, little_dns):
    new = claim("new.test")
    Domain.objects.filter(pk=new.pk).update(checks_since=timezone.now() - 31 * DAY)
    checked(new)
    assert new.checks_ended
    request_check(actor=cast.actor(cast.bob), domain=new)
    new.refresh_from_db()
    assert not new.checks_ended
    assert timezone.now() - new.checks_since < MINUTE


def test_what_is_due_is_asked_for_once_oldest_first_and_behind_people(cast, claim):
    first, second, third = (claim(f"{name}.test") for name in "abc")
    empty_queue()
    Domain.objects.update(next_check_at=None)
    for number, each in enumerate((second, first)):
        Domain.objects.filter(pk=each.pk).update(next_check_at=timezone.now() - (2 - number) * MINUTE)
    Domain.objects.filter(pk=third.pk).update(next_check_at=timezone.now() + MINUTE)
    assert (request_due_checks(1), request_due_checks(5), request_due_checks(5)) == (1, 1, 0)
    assert queued() == [(each.pk, checks.BY_AND_BY, f"domain:{each.pk}") for each in (second, first)]


@pytest.mark.django_db(transaction=True)
def test_housekeeping_asks_for_what_is_due_and_the_worker_looks(open_cast, little_dns):
    empty_queue()
    new = add_domain(actor=open_cast.system, tenant=open_cast.acme, name="new.test", approved=False)
    below = add_subdomain(actor=open_cast.system, tenant=open_cast.acme, name="mail", parent="new.test", approved=False)
    little_dns.has(new.proof_name, "TXT", f'"{new.proof_value}"')
    Domain.objects.filter(pk=below.pk).update(next_check_at=None)
    one_round()
    empty_queue_of_platform()
    drain()
    new.refresh_from_db()
    assert (new.proof, queued()) == ("", [])  # its minute is not over
    Domain.objects.filter(pk=new.pk).update(next_check_at=timezone.now())
    one_round()
    empty_queue_of_platform()
    drain()
    proofs = Domain.objects.filter(pk__in=[new.pk, below.pk]).order_by("pk").values_list("proof", flat=True)
    assert list(proofs) == ["txt", "parent"]


def empty_queue_of_platform():
    """Nobody answers there, and this is about the DNS."""
    ProcrastinateJob.objects.filter(queue_name="ox").delete()


def test_no_more_wait_than_are_looked_at_soon(cast):
    empty_queue()
    for number in range(MOST_CHECKS + 5):
        add_domain(actor=cast.system, tenant=cast.acme, name=f"n{number}.test")
    one_round()
    one_round()
    assert len(queued()) == MOST_CHECKS
