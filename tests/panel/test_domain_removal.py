"""Remove domains: what depends on them is listed first, and moves or stops it."""

import re

import pytest
from tests.cast import Cast

from oxherd.domains.commands import add_domain, add_subdomain
from oxherd.domains.models import Address, Domain
from oxherd.people.models import ServiceUser

HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(cast: Cast) -> Domain:
    return Domain.objects.get(name="acme.test")


def url(cast, path="remove/"):
    return f"/t/{cast.acme.pk}/ox/domains/{path}"


def present(domain):
    return Domain.objects.get(pk=domain.pk).presence == "present"


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def rows(answer):
    return [(row.address, row.kind) for row in answer.context["page"].rows]


@pytest.fixture
def in_use(cast: Cast) -> ServiceUser:
    """A user with login, primary address and alias, a group and a resource, all in Acme's domain."""
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("sales@acme.test",))
    cast.user("Bert Conrad", login="bert")
    cast.group("Team", anna, address="team@acme.test")
    cast.resource("Blue room", address="room@acme.test")
    return anna


def test_unused_domains_are_removed_after_the_effects_were_named(cast: Cast) -> None:
    a, b = (add_domain(actor=cast.system, tenant=cast.acme, name=f"{name}.test") for name in "ab")
    client = cast.client(cast.bob)
    shown = text(client.get(url(cast), {"domain": [a.pk, b.pk]}, headers=HTMX))
    assert "Remove 2 domains?" in shown
    assert "Mail to these domains is refused from then on. They can be restored for 30 days" in shown
    answer = client.post(url(cast), {"domain": [a.pk, b.pk]}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == url(cast, "")
    assert (present(a), present(b)) == (False, False)
    assert "2 domains were removed." in client.get(url(cast, "")).content.decode()


def test_everything_that_depends_on_a_domain_is_listed_and_counted(cast: Cast, acme: Domain, in_use) -> None:
    shown = cast.client(cast.bob).get(url(cast), {"domain": acme.pk}, headers=HTMX)
    assert "5 addresses depend on it: 1 login, 1 primary address, 1 alias, 1 group and 1 resource." in text(shown)
    assert rows(shown) == [
        ("anna@acme.test", "primary"),
        ("bert@acme.test", "login"),
        ("room@acme.test", "resource"),
        ("sales@acme.test", "alias"),
        ("team@acme.test", "group"),
    ]
    assert "anna@acme.test Login and primary address Anna Becker" in text(shown)
    assert "There is no other verified domain to which they could move." in text(shown)
    assert "Move all and remove" not in text(shown)


def test_all_of_them_are_listed_page_by_page(cast: Cast, acme: Domain) -> None:
    anna = cast.user("Anna Becker", login="anna", ox=True)
    Address.objects.bulk_create(
        [Address(address=f"x{n:03}@acme.test", domain=acme, kind="alias", user=anna) for n in range(50)]
    )
    client = cast.client(cast.bob)
    answer = client.get(url(cast), {"domain": acme.pk}, headers=HTMX)
    seen = rows(answer)
    while answer.context["page"].next_url:
        assert answer.context["page"].next_url.startswith(url(cast, "remove/dependants/?domain="))
        answer = client.get(answer.context["page"].next_url, headers=HTMX)
        seen += rows(answer)
    assert (len(seen), len(set(seen)), answer.context["page"].range) == (51, 51, "41\u201351 of 51")
    # Without script a further page is the dialog again.
    plain = client.get(url(cast), {"domain": acme.pk}).context["page"].next_url
    assert plain.startswith(url(cast, "remove/?domain="))
    assert len(rows(client.get(plain))) == 20


def test_they_move_to_the_chosen_domain(cast: Cast, acme: Domain, in_use) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    client = cast.client(cast.bob)
    sent = {"domain": acme.pk, "to": "new.test"}
    assert text(client.get(url(cast, "remove/conflicts/"), sent, headers=HTMX)) == "All of them can move to new.test."
    client.post(url(cast), sent, headers=HTMX)
    assert not present(acme)
    assert ServiceUser.objects.get(pk=in_use.pk).login == "anna@new.test"
    said = client.get(url(cast, "")).content.decode()
    assert "acme.test was removed. 2 users, 1 group and 1 resource moved to new.test." in said


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("", "Choose where they move, or press Stop."),
        ("acme.test", "This is not offered, or no longer. Choose one from the list."),
        ("claim.test", "This is not offered, or no longer. Choose one from the list."),
        ("globex.test", "This is not offered, or no longer. Choose one from the list."),
    ],
)
def test_without_a_domain_to_move_to_nothing_happens(cast: Cast, acme: Domain, in_use, to, sentence) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    add_domain(actor=cast.system, tenant=cast.acme, name="claim.test", approved=False)
    answer = cast.client(cast.bob).post(url(cast), {"domain": acme.pk, "to": to}, headers=HTMX)
    assert (answer.status_code, answer.context["form"].errors["to"]) == (422, [sentence])
    assert present(acme)


def test_conflicts_are_listed_before_and_after_the_button(cast: Cast, acme: Domain, in_use) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    cast.resource("Red room", address="anna@new.test")
    client, sent = cast.client(cast.bob), {"domain": acme.pk, "to": "new.test"}
    told = "1 of them cannot move to new.test. Mend this first: anna@acme.test : anna@new.test is taken already."
    assert text(client.get(url(cast, "remove/conflicts/"), sent, headers=HTMX)) == told
    answer = client.post(url(cast), sent, headers=HTMX)
    assert (answer.status_code, told in text(answer)) == (422, True)
    assert present(acme)


def test_subdomains_are_named_and_go_along_where_that_is_wished(cast: Cast, acme: Domain) -> None:
    mail = add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    client = cast.client(cast.bob)
    shown = client.get(url(cast), {"domain": acme.pk}, headers=HTMX)
    assert "There are subdomains below: mail.acme.test." in text(shown)
    assert 'type="submit"' not in shown.content.decode()
    answer = client.post(url(cast), {"domain": acme.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "acme.test has subdomains: mail.acme.test." in text(answer)
    with_them = client.get(shown.context["with_them_url"], headers=HTMX)
    ticked = re.findall(r'name="domain" value="(\d+)"', with_them.content.decode())
    assert ticked == [str(acme.pk), str(mail.pk)]
    client.post(url(cast), {"domain": ticked}, headers=HTMX)
    assert (present(acme), present(mail)) == (False, False)


def test_nothing_ticked_says_so(cast: Cast) -> None:
    answer = cast.client(cast.bob).get(url(cast), headers=HTMX)
    assert (answer.status_code, answer.content.decode()) == (422, "Tick the domains that you want to remove first.")


def test_a_domain_of_another_customer_is_not_removed_along(cast: Cast) -> None:
    foreign = Domain.objects.get(name="globex.test")
    spare = add_domain(actor=cast.system, tenant=cast.acme, name="spare.test")
    cast.client(cast.bob).post(url(cast), {"domain": [foreign.pk, spare.pk]}, headers=HTMX)
    assert (present(foreign), present(spare)) == (True, False)


@pytest.mark.parametrize("path", ["remove/", "remove/dependants/", "remove/conflicts/"])
def test_removing_is_for_administrators(cast: Cast, acme: Domain, path: str) -> None:
    codes = {
        who: cast.client(getattr(cast, who)).get(url(cast, path), {"domain": acme.pk}).status_code
        for who in ("bob", "dora", "rita", "charlie")
    }
    assert codes == {"bob": 200, "dora": 403, "rita": 403, "charlie": 404}
    for who in ("dora", "rita", "charlie"):
        cast.client(getattr(cast, who)).post(url(cast), {"domain": acme.pk})
    assert present(acme)
