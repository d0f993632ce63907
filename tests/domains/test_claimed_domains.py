"""A domain that a customer adds is a claim, until it is proved: it carries no mail, and keeps nobody out."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import PASSWORD
from tests.rows import last_entry, refused, waiting
from tests.threads import overlapping

from oxherd.domains.commands import add_domain, add_subdomain, register
from oxherd.domains.models import AddressKind, Domain
from oxherd.domains.ownership_commands import approve_domain, verify_domain
from oxherd.domains.queries import domain_of, obstacle, of_tenant, present
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.people.commands import NewUser, add_user
from oxherd.people.ox_commands import change_aliases, enable_ox
from oxherd.people.records import OxWish

NOT_YET = (
    "new.test is not verified yet, so it carries no mail. Set its TXT record (OX Service, Domains), "
    "or choose another domain."
)
IN_USE = "new.test is in use by another customer. If it is yours, ask your provider."


def state(domain):
    domain.refresh_from_db()
    return domain.proof, domain.approved_by


def test_what_a_customer_adds_waits_for_its_proof(cast, claim):
    before = timezone.now()
    new = claim("new.test")
    assert (new.is_verified, new.proof, new.approved_by) == (False, "", "")
    assert (new.proof_name, new.proof_value) == ("_oxherd-verify.new.test", f"oxherd-verify={new.token}")
    assert len(new.token) == 32
    assert new.next_check_at - before < timedelta(minutes=1, seconds=10)
    assert (last_entry().action, last_entry().actor) == ("domain:add", "Bob")
    assert last_entry().after == {"domain": "new.test", "catch_all": "", "proof": ""}


def test_what_the_provider_adds_counts_as_approved_unless_said_otherwise(cast):
    add = lambda **how: add_domain(actor=cast.actor(cast.alice), tenant=cast.acme, **how)  # noqa: E731 - twice the same
    assert state(add(name="new.test")) == ("approved", "Alice")
    assert state(add(name="other.test", approved=False)) == ("", "")


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_help_desk_and_readers_add_nothing(cast, who):
    with pytest.raises(NotAllowed):
        add_domain(actor=cast.actor(getattr(cast, who)), tenant=cast.acme, name="new.test")


def test_a_stranger_finds_no_customer_to_add_to(cast):
    with pytest.raises(NotYours):
        add_domain(actor=cast.actor(cast.charlie), tenant=cast.acme, name="new.test")


def test_a_customer_does_not_approve(cast, claim):
    with pytest.raises(NotAllowed):
        add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="other.test", approved=True)
    with pytest.raises(NotAllowed):
        approve_domain(actor=cast.actor(cast.bob), domain=claim("new.test"))


def test_a_claim_is_no_login_mapping_and_in_no_drop_down(cast, claim):
    jobs = waiting(f"tenant:{cast.acme.pk}")
    claim("new.test")
    assert waiting(f"tenant:{cast.acme.pk}") == jobs
    assert [domain.name for domain in of_tenant(cast.acme)] == ["acme.test"]
    assert [domain.name for domain in present(cast.acme)] == ["acme.test", "new.test"]


def test_no_address_is_made_in_a_claim(cast, claim):
    claim("new.test")
    anna, bert = cast.user("Anna Becker", ox=True), cast.user("Bert Conrad")
    bob = cast.actor(cast.bob)
    new = NewUser(display_name="Eve Fox", login="eve", domain="new.test", password=PASSWORD)
    wish = OxWish(cast.mail, primary_address="bert@new.test")
    for field, act in (
        ("domain", lambda: add_user(actor=bob, tenant=cast.acme, new=new)),
        ("primary_address", lambda: enable_ox(actor=bob, user=bert, wish=wish)),
        ("aliases", lambda: change_aliases(actor=bob, user=anna, aliases=("anna@new.test",))),
        ("domain", lambda: domain_of(cast.acme, "new.test")),
    ):
        with refused(field) as caught:
            act()
        assert caught.value.sentence == NOT_YET


def test_an_approved_domain_carries_mail(cast, claim):
    new = claim("new.test")
    approve_domain(actor=cast.actor(cast.alice), domain=new)
    assert state(new) == ("approved", "Alice")
    assert (last_entry().action, last_entry().actor) == ("domain:approve", "Alice")
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1
    assert domain_of(cast.acme, "new.test") == new
    entries = last_entry().pk
    approve_domain(actor=cast.actor(cast.alice), domain=new)  # once more changes nothing
    assert last_entry().pk == entries


def test_two_claim_a_name_and_the_first_with_a_proof_has_it(cast, claim):
    ours, theirs = claim("new.test"), claim("new.test", by="charlie")
    assert ours.token != theirs.token
    assert verify_domain(theirs)
    assert state(theirs) == ("txt", "")
    assert (last_entry().action, last_entry().actor, last_entry().tenant_id) == (
        "domain:verify",
        "Check of domains",
        cast.globex.pk,
    )
    assert not verify_domain(ours)
    assert state(ours) == ("", "")
    assert obstacle(ours) == IN_USE
    with refused("name") as caught:
        approve_domain(actor=cast.actor(cast.alice), domain=ours)
    assert caught.value.sentence == IN_USE


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_verified_at_once_one_has_it(open_cast):
    ours, theirs = (
        add_domain(actor=open_cast.system, tenant=tenant, name="new.test", approved=False)
        for tenant in (open_cast.acme, open_cast.globex)
    )
    _, second = overlapping(lambda: verify_domain(ours), lambda: verify_domain(theirs))
    assert second is False
    assert list(Domain.objects.filter(name="new.test", verified_at__isnull=False)) == [ours]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_approved_at_once_one_is_refused(open_cast):
    ours, theirs = (
        add_domain(actor=open_cast.system, tenant=tenant, name="new.test", approved=False)
        for tenant in (open_cast.acme, open_cast.globex)
    )
    _, second = overlapping(
        lambda: approve_domain(actor=open_cast.system, domain=ours),
        lambda: approve_domain(actor=open_cast.system, domain=theirs),
    )
    assert (type(second), second.sentence) == (Refused, IN_USE)


def test_what_is_below_anothers_domain_is_not_to_be_had(cast, claim):
    early = claim("mail.initech.test")
    other = add_domain(actor=cast.system, tenant=cast.globex, name="initech.test")
    sentence = (
        "mail.initech.test is below initech.test, which belongs to another customer. If it is yours, ask your provider."
    )
    assert not verify_domain(early)  # claimed before, and even with a proof
    assert obstacle(early) == sentence
    for who in ("bob", "alice"):
        with refused("name") as caught:
            add_domain(actor=cast.actor(getattr(cast, who)), tenant=cast.acme, name="a.b.initech.test")
        assert "which belongs to another customer" in caught.value.sentence
    assert other.is_verified


def test_a_mere_claim_above_keeps_nobody_out(cast, claim):
    claim("initech.test", by="charlie")
    assert claim("mail.initech.test").pk


def test_a_subdomain_of_a_verified_domain_is_verified_with_it(cast):
    bob = cast.actor(cast.bob)
    for name in ("mail", "Büro", "shop.acme.test", " deep.er. "):
        below = add_subdomain(actor=bob, tenant=cast.acme, name=name, parent="acme.test")
        assert (below.proof, below.parent.name) == ("parent", "acme.test")
    names = ["mail.acme.test", "xn--bro-hoa.acme.test", "shop.acme.test", "deep.er.acme.test"]
    assert list(present(cast.acme).exclude(parent=None).values_list("name", flat=True)) == names
    assert last_entry().after == {"domain": "deep.er.acme.test", "catch_all": "", "proof": "parent"}


def test_add_domain_knows_a_subdomain_too_and_takes_the_nearest_above(cast, claim):
    mail = claim("mail.acme.test")
    assert (mail.parent.name, mail.proof) == ("acme.test", "parent")
    assert claim("a.b.mail.acme.test").parent == mail


@pytest.mark.parametrize("name", ["", " ", ".", "a b", "under_score", "-a", "a..b", "x" * 64, "@"])
def test_what_is_no_subdomain_is_refused(cast, name):
    with refused("name"):
        add_subdomain(actor=cast.actor(cast.bob), tenant=cast.acme, name=name, parent="acme.test")


@pytest.mark.parametrize("parent", ["globex.test", "nowhere.test", "", "x"])
def test_a_subdomain_needs_a_domain_of_the_customer(cast, parent):
    with refused("parent"):
        add_subdomain(actor=cast.actor(cast.bob), tenant=cast.acme, name="mail", parent=parent)


def test_what_is_claimed_below_is_verified_with_its_parent_or_alone(cast, claim):
    new, deep = claim("new.test"), claim("mail.new.test")
    alone, taken = claim("alone.new.test"), claim("taken.new.test")
    deeper = claim("deeper.mail.new.test")
    assert (deep.parent, deeper.parent) == (new, deep)
    add_domain(actor=cast.system, tenant=cast.globex, name="taken.new.test")
    assert verify_domain(alone)
    assert verify_domain(new)
    proofs = {each.name: state(each)[0] for each in (new, deep, deeper, alone, taken)}
    assert proofs == {
        "new.test": "txt",
        "mail.new.test": "parent",
        "deeper.mail.new.test": "parent",
        "alone.new.test": "txt",
        "taken.new.test": "",
    }


def test_a_subscription_has_room_for_so_many(cast, claim):
    cast.acme.domain_limit, cast.acme.subdomain_limit = 2, 1
    cast.acme.save()
    claim("new.test")
    with refused("name") as caught:
        claim("more.test")
    assert caught.value.sentence == (
        "The subscription of Acme has room for 2 domains. Remove one first, or ask your provider for more."
    )
    claim("mail.acme.test")
    with refused("name") as caught:
        claim("shop.acme.test")
    assert "has room for 1 subdomain." in caught.value.sentence


@pytest.mark.django_db(transaction=True)
def test_the_last_room_is_not_taken_twice(open_cast):
    open_cast.acme.domain_limit = 2
    open_cast.acme.save()
    add = lambda name: add_domain(actor=open_cast.system, tenant=open_cast.acme, name=name)  # noqa: E731 - twice
    _, second = overlapping(lambda: add("a.test"), lambda: add("b.test"))
    assert (type(second), second.field) == (Refused, "name")


def test_the_register_takes_no_address_in_a_domain_that_is_gone(cast):
    spare = add_domain(actor=cast.system, tenant=cast.acme, name="spare.test")
    anna = cast.user("Anna Becker")
    Domain.objects.filter(pk=spare.pk).update(presence="removed")
    with refused("aliases"):
        register({"a@spare.test": (spare, AddressKind.ALIAS)}, fields={}, user_id=anna.pk)
