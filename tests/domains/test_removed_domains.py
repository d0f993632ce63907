"""Domains that go, and come back."""

import pytest
from tests.rows import last_entry, refused, waiting
from tests.threads import overlapping

from oxherd.domains.commands import (
    add_domain,
    add_subdomain,
    delete_domain,
    remove_domain,
    remove_domains,
    restore_domain,
)
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import verify_domain
from oxherd.domains.queries import of_tenant
from oxherd.errors import NotAllowed, NotYours, Refused


@pytest.fixture
def removed(cast, claim):
    """A domain that Bob has claimed, proved and removed."""
    new = claim("new.test")
    verify_domain(new)
    remove_domain(actor=cast.actor(cast.bob), domain=new)
    return new


def present(domain):
    return Domain.objects.filter(pk=domain.pk, presence="present").exists()


def test_a_customer_removes_and_restores_a_domain_with_its_proof(cast, removed):
    back = restore_domain(actor=cast.actor(cast.bob), domain=removed)
    assert (back.presence, back.removed_at, back.removed_by, back.proof) == ("present", None, "", "txt")
    assert back.next_check_at is not None
    assert (last_entry().action, last_entry().actor) == ("domain:restore", "Bob")
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1
    assert back in of_tenant(cast.acme)


@pytest.mark.parametrize("verb", [remove_domain, restore_domain, delete_domain])
def test_removing_is_not_for_help_desk_readers_and_strangers(cast, removed, verb):
    for who, error in (("dora", NotAllowed), ("rita", NotAllowed), ("charlie", NotYours)):
        with pytest.raises(error):
            verb(actor=cast.actor(getattr(cast, who)), domain=removed)


def test_a_removed_name_is_free_for_all(cast, removed, claim):
    assert claim("new.test").pk != removed.pk
    assert add_domain(actor=cast.system, tenant=cast.globex, name="new.test").is_verified


def test_what_somebody_else_has_now_does_not_come_back(cast, removed):
    add_domain(actor=cast.system, tenant=cast.globex, name="new.test")
    with refused("name") as caught:
        restore_domain(actor=cast.actor(cast.bob), domain=removed)
    assert caught.value.sentence == "new.test is in use by another customer. If it is yours, ask your provider."


def test_what_was_added_anew_does_not_come_back_twice(cast, removed, claim):
    claim("new.test")
    with refused("name") as caught:
        restore_domain(actor=cast.actor(cast.bob), domain=removed)
    assert caught.value.sentence == "new.test is on the list of Acme already."


def test_a_full_subscription_takes_nothing_back(cast, removed):
    cast.acme.domain_limit = 1
    cast.acme.save()
    with refused("name"):
        restore_domain(actor=cast.actor(cast.bob), domain=removed)


def test_what_is_there_or_gone_for_ever_is_not_restored(cast, removed):
    restore_domain(actor=cast.actor(cast.bob), domain=removed)
    with refused(None) as caught:
        restore_domain(actor=cast.actor(cast.bob), domain=removed)
    assert caught.value.sentence == "new.test is not among what was removed."
    with refused(None):
        delete_domain(actor=cast.actor(cast.bob), domain=removed)


def test_a_domain_goes_after_its_subdomains_or_with_them(cast):
    bob, acme = cast.actor(cast.bob), Domain.objects.get(name="acme.test")
    below = [add_subdomain(actor=bob, tenant=cast.acme, name=name, parent="acme.test") for name in ("a", "b", "c", "d")]
    with refused("domain") as caught:
        remove_domain(actor=bob, domain=acme)
    assert caught.value.sentence == (
        "acme.test has subdomains: a.acme.test, b.acme.test, c.acme.test and 1 more. "
        "Remove them first, or together with it."
    )
    remove_domain(actor=bob, domain=below[0])
    remove_domains(actor=bob, tenant=cast.acme, domains=[acme, *below[1:]])
    assert not Domain.objects.filter(tenant=cast.acme, presence="present").exists()


def test_of_several_all_go_or_none(cast, claim):
    cast.user("Anna Becker")
    spare, used = claim("spare.test"), Domain.objects.get(name="acme.test")
    with refused("domain") as caught:
        remove_domains(actor=cast.actor(cast.bob), tenant=cast.acme, domains=[spare, used])
    assert caught.value.sentence == "acme.test is in use. Move or remove its addresses first (1)."


def test_domains_of_another_customer_are_not_removed_along(cast, claim):
    theirs = Domain.objects.get(name="globex.test")
    with pytest.raises(NotYours):
        remove_domains(actor=cast.actor(cast.bob), tenant=cast.acme, domains=[claim("spare.test"), theirs])
    assert present(theirs)


def test_a_subdomain_comes_back_after_its_domain(cast, removed):
    bob = cast.actor(cast.bob)
    restore_domain(actor=bob, domain=removed)
    below = add_subdomain(actor=bob, tenant=cast.acme, name="mail", parent="new.test")
    remove_domains(actor=bob, tenant=cast.acme, domains=[removed, below])
    with refused(None) as caught:
        restore_domain(actor=bob, domain=below)
    assert caught.value.sentence == "Restore new.test first: mail.new.test is its subdomain."
    restore_domain(actor=bob, domain=removed)
    restore_domain(actor=bob, domain=below)
    assert present(below)


def test_what_is_forgotten_is_gone_with_its_subdomains(cast, removed):
    bob = cast.actor(cast.bob)
    restore_domain(actor=bob, domain=removed)
    below = add_subdomain(actor=bob, tenant=cast.acme, name="mail", parent="new.test")
    remove_domains(actor=bob, tenant=cast.acme, domains=[removed, below])
    delete_domain(actor=cast.system, domain=removed)
    assert not Domain.objects.filter(pk__in=[removed.pk, below.pk]).exists()
    assert (last_entry().action, last_entry().subject_name) == ("domain:delete", "new.test")
    with pytest.raises(NotYours):
        delete_domain(actor=cast.system, domain=removed)


def test_what_removed_users_may_come_back_to_is_not_forgotten(cast, removed):
    anna = cast.user("Anna Becker")
    anna.domain, anna.presence = removed, "removed"
    anna.save()
    with refused(None) as caught:
        delete_domain(actor=cast.system, domain=removed)
    assert caught.value.sentence == "1 removed user can still be restored to new.test."


@pytest.mark.django_db(transaction=True)
def test_of_two_who_restore_and_claim_a_name_at_once_one_has_it(open_cast):
    new = add_domain(actor=open_cast.system, tenant=open_cast.acme, name="new.test")
    remove_domain(actor=open_cast.system, domain=new)
    _, second = overlapping(
        lambda: add_domain(actor=open_cast.system, tenant=open_cast.globex, name="new.test"),
        lambda: restore_domain(actor=open_cast.system, domain=new),
    )
    assert (type(second), second.field) == (Refused, "name")
    assert not present(new)


def test_a_customer_leaves_with_domains_subdomains_and_catch_alls(cast):
    anna = cast.user("Anna Becker", ox=True)
    add_subdomain(
        actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test", catch_all="anna.becker@acme.test"
    )
    assert Domain.objects.filter(catch_all=anna).count() == 1
    cast.acme.delete()
    assert list(Domain.objects.values_list("name", flat=True)) == ["globex.test"]
