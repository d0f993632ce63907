"""A context that is on a platform already becomes a customer, if nobody has it."""

from typing import Any
from uuid import uuid4

import pytest
from tests.cast import NOBODY_THERE, Cast
from tests.rows import everything, last_entry, refused

from oxherd import sealing
from oxherd.brands.commands import add_brand
from oxherd.domains.adoption_commands import adopt_domain
from oxherd.errors import NotYours, OxherdError
from oxherd.profiles.commands import add_profile
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.adoption_commands import Context, adopt_tenant, note_context, offer
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant


def context(**changes: Any) -> Context:
    usual = {"context_id": 4711, "name": "old", "quota_mb": 500, "marker": None, "administrator": "boss"}
    return Context(**{**usual, "sealed_password": sealing.seal("boss-secret"), **changes})


def adopt(cast: Cast, customer: str = "", /, **changes: Any) -> Tenant:
    return adopt_tenant(actor=cast.system, brand=cast.brand, context=context(**changes), name=customer)


def test_a_context_becomes_a_customer_and_no_job_is_due(cast: Cast) -> None:
    jobs = SyncJob.objects.count()
    tenant = adopt(cast, " Old  company ")
    assert (tenant.name, tenant.context_name, tenant.context_id, tenant.quota_mb) == ("Old company", "old", 4711, 500)
    assert (tenant.is_adopted, tenant.is_provisioned, SyncJob.objects.count()) == (True, True, jobs)
    assert (last_entry().action, last_entry().tenant_id) == ("tenant:adopt", tenant.pk)
    assert "boss-secret" not in str(everything())


def test_new_customers_get_numbers_that_no_adopted_one_has(cast: Cast) -> None:
    cast.brand.refresh_from_db()
    first = cast.brand.next_context_id
    for number in (first, first + 1, first + 3):
        adopt(cast, context_id=number, name=f"old-{number}")
    new = [add_tenant(actor=cast.system, brand=cast.brand, name="New") for _ in range(3)]
    assert [tenant.context_id for tenant in new] == [first + 2, first + 4, first + 5]
    assert new[0].context_name == f"new-{first + 2}"


def test_the_largest_number_leaves_room_for_new_customers(cast: Cast) -> None:
    adopt(cast, context_id=2**31 - 1)
    cast.brand.refresh_from_db()
    expected = cast.brand.next_context_id
    assert add_tenant(actor=cast.system, brand=cast.brand, name="New").context_id == expected < 2**31 - 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "old company"}, "The context's name “old company” holds characters that a name here cannot have."),
        ({"name": "ACME"}, "Sunrise has a customer with the context name ACME already."),
        ({"context_id": 77}, "The context old is Acme already."),
    ],
)
def test_what_a_customer_has_is_refused(cast: Cast, changes: dict[str, Any], sentence: str) -> None:
    Tenant.objects.filter(pk=cast.acme.pk).update(context_id=77, context_name="acme")
    with refused("context_name") as caught:
        adopt(cast, **changes)
    assert caught.value.sentence.startswith(sentence)


def test_the_context_of_another_brand_on_the_same_platform_is_refused(cast: Cast) -> None:
    other = add_brand(actor=cast.system, name="Sunset", api_url=NOBODY_THERE, username="oxadminmaster", password="x")
    Tenant.objects.filter(pk=cast.acme.pk).update(context_id=77)
    with refused("context_name") as caught:
        adopt_tenant(actor=cast.system, brand=other, context=context(context_id=77))
    assert caught.value.sentence == "The context old is Acme of Sunrise already."


def test_a_mark_of_another_time_is_kept_where_no_customer_carries_it(cast: Cast) -> None:
    mark = uuid4()
    assert adopt(cast, marker=str(mark)).marker == mark
    assert adopt(cast, context_id=4712, name="second", marker=str(mark)).marker != mark
    assert adopt(cast, context_id=4713, name="third", marker="no mark of ours").marker


def test_a_profile_of_another_brand_is_not_offered(cast: Cast) -> None:
    other = add_brand(actor=cast.system, name="Sunset", api_url=NOBODY_THERE, username="oxadminmaster", password="x")
    theirs = add_profile(actor=cast.system, brand=other, name="Theirs", access_combination="webmail")
    tenant = adopt(cast)
    with pytest.raises(OxherdError):
        offer(tenant, theirs)
    offer(tenant, cast.mail)
    offer(tenant, cast.mail)
    assert [(row.profile, row.number) for row in tenant.seats.all()] == [(cast.mail, None)]


@pytest.mark.parametrize("name", ["com", "globex.test", "no domain"])
def test_a_domain_that_our_rules_do_not_allow_is_refused(cast: Cast, name: str) -> None:
    tenant = adopt(cast)
    with refused("name"):
        adopt_domain(actor=cast.system, tenant=tenant, name=name)


def test_a_domain_of_an_adopted_context_counts_as_approved(cast: Cast) -> None:
    assert adopt_domain(actor=cast.system, tenant=adopt(cast), name="old.test").proof == "approved"


@pytest.mark.parametrize("who", ["bob", "charlie", "dora", "rita"])
def test_nobody_below_the_brand_adopts(cast: Cast, who: str) -> None:
    actor, tenant = cast.actor(getattr(cast, who)), adopt(cast)
    before = everything()
    with pytest.raises(OxherdError):
        adopt_tenant(actor=actor, brand=cast.brand, context=context(context_id=4712, name="more"))
    for verb in (
        lambda: note_context(actor=actor, tenant=tenant, mappings={}, applied={}),
        lambda: adopt_domain(actor=actor, tenant=tenant, name="old.test"),
    ):
        with pytest.raises(NotYours):
            verb()
    assert everything() == before
