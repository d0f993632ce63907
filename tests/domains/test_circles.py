"""Mail cannot be made to go round in a circle, over all that this installation passes on."""

from dataclasses import replace

import pytest
from django.db import connection
from tests.cast import Cast, make_cast
from tests.rows import last_entry, refused
from tests.threads import overlapping

from oxherd.brands.models import Brand
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.forwarders.commands import (
    ForwarderWish,
    add_forwarder,
    as_wish,
    change_forwarder,
    remove_forwarder,
    restore_forwarder,
)
from oxherd.forwarders.models import Forwarder
from oxherd.groups.commands import add_group, change_group, remove_group, restore_group
from oxherd.groups.models import Group
from oxherd.relocation.commands import move_and_remove
from oxherd.tenants.models import Tenant
from oxherd.undo.commands import undo
from oxherd.walls.crossing import leads_back
from oxherd.walls.sight import seeing, sight_of


@pytest.fixture
def cast(cast: Cast) -> Cast:
    Brand.objects.update(carries_mail=True)
    for tenant in (cast.acme, cast.globex):
        tenant.refresh_from_db()
    return cast


def passes(cast: Cast, address: str, *recipients: str) -> Forwarder:
    """A forwarder of the customer whose domain it is."""
    return add_forwarder(actor=cast.system, tenant=of(cast, address), wish=ForwarderWish(address, recipients))


def shares(cast: Cast, address: str, *outside: str) -> Group:
    name = address.partition("@")[0]
    return add_group(actor=cast.system, tenant=of(cast, address), display_name=name, address=address, outside=outside)


def of(cast: Cast, address: str) -> Tenant:
    return cast.acme if address.endswith("@acme.test") else cast.globex


def to(cast: Cast, forwarder: Forwarder, *recipients: str, address: str = "") -> Forwarder:
    wish = ForwarderWish(address or str(forwarder), recipients)
    return change_forwarder(actor=cast.system, forwarder=forwarder, wish=wish)


def test_a_forwarder_leads_not_back_over_another_customer(cast: Cast) -> None:
    passes(cast, "news@globex.test", "press@agency.test", "info@acme.test")
    passes(cast, "all@globex.test", "news@globex.test")
    with refused("recipients") as caught:
        passes(cast, "info@acme.test", "press@agency.test", "all@globex.test")
    assert caught.value.sentence == (
        "all@globex.test passes mail back to info@acme.test, so it would go round in a circle. Remove it here."
    )
    with refused("recipients") as caught:
        passes(cast, "info@acme.test", "all@globex.test", "news@globex.test")
    assert caught.value.sentence.startswith("all@globex.test and news@globex.test pass mail back to info@acme.test, ")
    passes(cast, "info@acme.test", "other@globex.test")


def test_groups_with_outside_addresses_pass_mail_on_too(cast: Cast) -> None:
    shares(cast, "team@globex.test", "info@acme.test")
    with refused("recipients"):
        passes(cast, "info@acme.test", "team@globex.test")
    with refused("outside") as caught:
        shares(cast, "info@acme.test", "team@globex.test")
    assert caught.value.sentence == (
        "team@globex.test passes mail back to info@acme.test, so it would go round in a circle. Remove it here."
    )
    group = shares(cast, "info@acme.test", "press@agency.test")
    with refused("outside"):
        change_group(actor=cast.system, group=group, outside=["press@agency.test", "team@globex.test"])


def test_a_groups_address_given_or_changed_closes_no_circle(cast: Cast) -> None:
    group = add_group(actor=cast.system, tenant=cast.acme, display_name="Team", outside=["news@globex.test"])
    passes(cast, "news@globex.test", "team@acme.test", "other@acme.test")
    with refused("outside"):
        change_group(actor=cast.system, group=group, address="team@acme.test")
    change_group(actor=cast.system, group=group, address="free@acme.test")
    with refused("outside"):
        change_group(actor=cast.system, group=group, address="other@acme.test")


def test_users_keep_mail_and_end_the_way(cast: Cast) -> None:
    ines = cast.user("Ines Novak", tenant=cast.globex, ox=True)
    passes(cast, "news@globex.test", "info@acme.test")
    anna = cast.user(ox=True, aliases=("info@acme.test",))
    passes(cast, "all@acme.test", "news@globex.test", anna.login, ines.login)


def test_a_tag_behind_the_name_is_no_way_round_it(cast: Cast) -> None:
    passes(cast, "news@globex.test", "info+letters@acme.test")
    with refused("recipients"):
        passes(cast, "info@acme.test", "news+acme@globex.test")


def test_forwarders_of_the_same_customer_go_along_with_a_new_address(cast: Cast) -> None:
    first = passes(cast, "first@acme.test", "press@agency.test")
    passes(cast, "second@acme.test", "first@acme.test")
    with refused("recipients"):
        to(cast, first, "second@acme.test", address="other@acme.test")


def test_what_was_removed_comes_back_only_where_it_closes_no_circle(cast: Cast) -> None:
    forwarder, group = passes(cast, "info@acme.test", "news@globex.test"), shares(cast, "a@acme.test", "b@globex.test")
    remove_forwarder(actor=cast.system, forwarder=forwarder)
    entry = last_entry()
    remove_group(actor=cast.system, group=group)
    passes(cast, "news@globex.test", "info@acme.test")
    passes(cast, "b@globex.test", "a@acme.test")
    with refused("recipients"):
        restore_forwarder(actor=cast.system, forwarder=forwarder)
    with refused("recipients"):
        undo(actor=cast.system, entry=entry)
    with refused("address"):
        restore_group(actor=cast.system, group=group, address="a@acme.test")
    restore_group(actor=cast.system, group=group)
    restore_forwarder(actor=cast.system, forwarder=forwarder, wish=replace(as_wish(forwarder), address="old@acme.test"))


def test_what_was_changed_goes_back_only_where_it_closes_no_circle(cast: Cast) -> None:
    forwarder, group = passes(cast, "info@acme.test", "news@globex.test"), shares(cast, "a@acme.test", "b@globex.test")
    to(cast, forwarder, "press@agency.test")
    of_forwarder = last_entry()
    change_group(actor=cast.system, group=group, outside=[])
    of_group = last_entry()
    passes(cast, "news@globex.test", "info@acme.test")
    passes(cast, "b@globex.test", "a@acme.test")
    with refused("recipients"):
        undo(actor=cast.system, entry=of_forwarder)
    with refused("outside"):
        undo(actor=cast.system, entry=of_group)


def test_what_moves_to_another_domain_closes_no_circle(cast: Cast) -> None:
    passes(cast, "info@acme.test", "news@globex.test")
    passes(cast, "news@globex.test", "info@new.test")
    old, new = Domain.objects.get(name="acme.test"), add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    with refused("recipients"):
        move_and_remove(actor=cast.system, tenant=cast.acme, domains=[old], to=new)


def test_a_customer_learns_of_the_way_through_anothers_objects_that_there_is_one_and_nothing_else(cast: Cast) -> None:
    passes(cast, "hidden@globex.test", "info@acme.test")
    passes(cast, "news@globex.test", "hidden@globex.test")
    with seeing(sight_of(cast.actor(cast.bob))):
        assert not Forwarder.objects.filter(tenant=cast.globex).exists()
        assert leads_back(["news@globex.test", "free@globex.test"], ["info@acme.test"]) == ["news@globex.test"]
        assert leads_back(["info@acme.test"], ["news@globex.test"]) == []
        with pytest.raises(Refused) as caught:
            passes(cast, "info@acme.test", "news@globex.test")
    assert caught.value.sentence == (
        "news@globex.test passes mail back to info@acme.test, so it would go round in a circle. Remove it here."
    )


def test_a_platform_that_passes_mail_on_itself_keeps_its_own_rule(cast: Cast) -> None:
    passes(cast, "news@globex.test", "info@acme.test")
    Brand.objects.update(platform="ox_cloud", carries_mail=False)
    tenant = Tenant.objects.get(pk=cast.acme.pk)
    wish = ForwarderWish("info@acme.test", ("news@globex.test",))
    assert str(add_forwarder(actor=cast.system, tenant=tenant, wish=wish)) == "info@acme.test"


def test_the_way_is_found_by_indexes_alone(cast: Cast) -> None:
    passes(cast, "news@globex.test", "info@acme.test")
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'oxherd_leads_back'")
        source = cursor.fetchone()[0]
        way = source[source.index("(") + 1 : source.index(") THEN")]
        way = way.replace("$1", "ARRAY['news@globex.test']").replace("$2", "ARRAY['info@acme.test']")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {way}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan


@pytest.mark.django_db(transaction=True)
def test_two_who_would_each_close_half_of_a_circle_do_not_close_it_together() -> None:
    cast = make_cast()
    Brand.objects.update(carries_mail=True)
    for tenant in (cast.acme, cast.globex):
        tenant.refresh_from_db()
    first, second = overlapping(
        lambda: passes(cast, "info@acme.test", "news@globex.test"),
        lambda: passes(cast, "news@globex.test", "info@acme.test"),
    )
    assert (first, isinstance(second, Refused)) == (None, True)
    assert [str(forwarder) for forwarder in Forwarder.objects.all()] == ["info@acme.test"]
