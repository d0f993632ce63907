"""OX Service > Domains: the list and its dialogs."""

import re

import pytest
from tests.cast import Cast

from oxherd.domains.commands import add_domain, add_subdomain, change_domain
from oxherd.domains.models import Domain
from oxherd.domains.queries import present

HTMX = {"HX-Request": "true"}
ABOVE = "x.globex.test is below globex.test, which belongs to another customer. If it is yours, ask your provider."


def url(cast, path=""):
    return f"/t/{cast.acme.pk}/ox/domains/{path}"


def acme(cast):
    return Domain.objects.get(name="acme.test")


def names(answer):
    return re.findall(r'class="person-name"[^>]*>([^<]*)<', answer.content.decode())


def errors(answer):
    return {field: list(sentences) for field, sentences in answer.context["form"].errors.items()}


def test_the_list_shows_domains_and_subdomains_with_what_is_in_them(cast: Cast) -> None:
    anna = cast.user("Anna Becker", ox=True, aliases=("sales@acme.test",))
    add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    add_domain(actor=cast.system, tenant=cast.acme, name="bücher.example", approved=False)
    change_domain(actor=cast.system, domain=acme(cast), catch_all=anna.login)
    answer = cast.client(cast.rita).get(url(cast))
    rows = [
        (str(row.domain), row.catch_all, row.look.word, row.logins, row.addresses) for row in answer.context["rows"]
    ]
    assert rows == [
        ("acme.test", "anna.becker@acme.test", "Verified", "1", "2"),
        ("bücher.example", "", "Pending", "0", "0"),
        ("mail.acme.test", "", "Verified", "0", "0"),
    ]
    assert names(answer) == ["acme.test", "bücher.example", "mail.acme.test"]
    assert answer.context["page"].range == "1\u20133 of 3"


def test_a_claim_that_another_customer_has_is_told(cast: Cast) -> None:
    add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="new.test")
    add_domain(actor=cast.system, tenant=cast.globex, name="new.test")
    rows = cast.client(cast.bob).get(url(cast)).context["rows"]
    assert {str(row.domain): row.look.word for row in rows} == {"acme.test": "Verified", "new.test": "In use elsewhere"}


def test_many_are_counted_up_to_a_thousand(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("oxherd.domains.queries.MOST_COUNTED", 2)
    for name in ("Anna", "Bert", "Carl"):
        cast.user(name)
    row = cast.client(cast.bob).get(url(cast)).context["rows"][0]
    assert (row.logins, row.addresses) == ("2+", "2+")


@pytest.mark.parametrize(
    "path", ["", "add/", "add-subdomain/", "{pk}/", "{pk}/edit/", "{pk}/approve/", "{pk}/zone/", "{pk}/status/"]
)
def test_a_stranger_finds_nothing(cast: Cast, path: str) -> None:
    assert cast.client(cast.charlie).get(url(cast, path.format(pk=acme(cast).pk))).status_code == 404
    foreign = Domain.objects.get(name="globex.test")
    if "{pk}" in path:
        assert cast.client(cast.bob).get(url(cast, path.format(pk=foreign.pk))).status_code == 404


def test_reading_is_for_every_role_and_changing_for_administrators(cast: Cast) -> None:
    pages = {who: cast.client(getattr(cast, who)).get(url(cast)) for who in ("alice", "bob", "dora", "rita")}
    assert {who: page.status_code for who, page in pages.items()} == dict.fromkeys(pages, 200)
    shown = {who: "Add domain" in page.content.decode() for who, page in pages.items()}
    assert shown == {"alice": True, "bob": True, "dora": False, "rita": False}
    before = list(Domain.objects.values())
    for who in ("dora", "rita"):
        client = cast.client(getattr(cast, who))
        for path in ("add/", "add-subdomain/", f"{acme(cast).pk}/edit/", f"{acme(cast).pk}/approve/"):
            assert client.get(url(cast, path)).status_code == 403
            assert client.post(url(cast, path), {"name": "new.test", "parent": "acme.test"}).status_code == 403
    assert list(Domain.objects.values()) == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acme", ["acme.test", "mail.acme.test"]),
        ("BÜCH", ["bücher.example"]),
        ("bucher", ["bücher.example"]),
        ("xn--bcher", ["bücher.example"]),
        (".acme.test", ["mail.acme.test"]),
        ("%", []),
        ("_", []),
        ("\x00", ["acme.test", "bücher.example", "mail.acme.test"]),
    ],
)
def test_domains_are_found_by_any_part_of_the_name(cast: Cast, text: str, found: list[str]) -> None:
    add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    add_domain(actor=cast.system, tenant=cast.acme, name="bücher.example")
    assert names(cast.client(cast.bob).get(url(cast), {"q": text})) == found


def test_domains_are_filtered_and_sorted(cast: Cast) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="new.test", approved=False)
    client = cast.client(cast.bob)
    asked = {state: names(client.get(url(cast), {"state": state})) for state in ("verified", "pending", "x")}
    assert asked == {"verified": ["acme.test"], "pending": ["new.test"], "x": ["acme.test", "new.test"]}
    assert names(client.get(url(cast), {"sort": "newest"})) == ["new.test", "acme.test"]


def test_pages_show_every_domain_once(cast: Cast) -> None:
    rows = [Domain(tenant=cast.acme, name=f"n{n:03}.test", sort_name=f"n{n:03}.test") for n in range(70)]
    Domain.objects.bulk_create(rows)
    client = cast.client(cast.bob)
    first = client.get(url(cast)).context["page"]
    second = client.get(first.next_url).context["page"]
    assert len({domain.pk for domain in [*first.rows, *second.rows]}) == 71
    assert second.range == "51\u201371 of 71"


def test_a_page_costs_the_same_queries_for_one_domain_and_for_fifty(cast: Cast, django_assert_num_queries) -> None:
    anna = cast.user("Anna Becker", ox=True)
    add_domain(actor=cast.system, tenant=cast.acme, name="new.test", approved=False, catch_all=anna.login)
    client = cast.client(cast.bob)
    # Session, administrator, roles; tenant; rows, count; catch-alls, in use, taken; outage, the tenant's job.
    with django_assert_num_queries(12):
        client.get(url(cast))
    rows = [
        Domain(tenant=cast.acme, name=f"n{n:03}.test", sort_name=f"n{n:03}.test", catch_all=anna) for n in range(70)
    ]
    Domain.objects.bulk_create(rows)
    with django_assert_num_queries(12):
        client.get(url(cast))


def test_an_empty_list_says_what_to_do(cast: Cast) -> None:
    client = cast.client(cast.bob)
    assert "No domain found" in client.get(url(cast, "?q=x")).content.decode()
    Domain.objects.filter(tenant=cast.acme).delete()
    assert "No domains yet" in client.get(url(cast)).content.decode()


def test_a_customer_adds_a_domain_and_is_led_to_its_proof(cast: Cast) -> None:
    anna = cast.user("Anna Becker", ox=True)
    client = cast.client(cast.bob)
    shown = client.get(url(cast, "add/"), headers=HTMX)
    assert "approved" not in shown.context["form"].fields
    sent = {"name": " New.test ", "catch_all": anna.pk, "approved": "on"}
    answer = client.post(url(cast, "add/"), sent, headers=HTMX)
    new = Domain.objects.get(name="new.test")
    assert answer.headers["HX-Redirect"] == url(cast, f"{new.pk}/")
    assert (new.is_verified, new.catch_all) == (False, anna)
    assert "new.test was added. Prove that it is yours" in client.get(url(cast, f"{new.pk}/")).content.decode()


@pytest.mark.parametrize(("box", "verified"), [({"approved": "on"}, True), ({}, False)])
def test_the_provider_says_whether_it_counts_as_verified(cast: Cast, box, verified) -> None:
    cast.client(cast.alice).post(url(cast, "add/"), {"name": "new.test", **box})
    assert Domain.objects.get(name="new.test").is_verified == verified


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"name": ""}, {"name": ["Enter a domain, such as example.com."]}),
        ({"name": "co.uk"}, {"name": ["co.uk is a public suffix, which no customer can own."]}),
        ({"name": "acme.test"}, {"name": ["acme.test is on the list of Acme already."]}),
        (
            {"name": "x.globex.test"},
            {"name": [ABOVE]},
        ),
        (
            {"name": "a b", "catch_all": "999"},
            {
                "name": ["“a b” is not a domain name, such as example.com."],
                "catch_all": ["OX is not enabled for this user, or not any more. Choose somebody else."],
            },
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field(cast: Cast, sent, wrong) -> None:
    answer = cast.client(cast.bob).post(url(cast, "add/"), sent, headers=HTMX)
    assert (answer.status_code, errors(answer)) == (422, wrong)
    assert Domain.objects.count() == 2


def test_a_subdomain_is_added_below_the_chosen_domain(cast: Cast) -> None:
    client = cast.client(cast.bob)
    shown = client.get(url(cast, "add-subdomain/?parent=acme.test"), headers=HTMX)
    assert shown.context["form"]["parent"].value() == "acme.test"
    answer = client.post(url(cast, "add-subdomain/"), {"name": "mail", "parent": "acme.test"}, headers=HTMX)
    mail = Domain.objects.get(name="mail.acme.test")
    assert answer.headers["HX-Redirect"] == url(cast, f"{mail.pk}/")
    assert (mail.parent, mail.proof) == (acme(cast), "parent")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"name": "", "parent": "acme.test"}, {"name": ["Enter the subdomain, such as mail for mail.acme.test."]}),
        ({"name": "mail", "parent": ""}, {"parent": ["Choose a domain."]}),
        (
            {"name": "mail", "parent": "globex.test"},
            {"parent": ["This is not offered, or no longer. Choose one from the list."]},
        ),
        (
            {"name": "a b", "parent": "acme.test"},
            {"name": ["“a b.acme.test” is not a domain name, such as example.com."]},
        ),
        (
            {"name": "a" * 64, "parent": "acme.test"},
            {"name": ["Each part of a domain name, between its dots, has 63 characters at most."]},
        ),
    ],
)
def test_what_is_wrong_with_a_subdomain_is_told_at_its_field(cast: Cast, sent, wrong) -> None:
    answer = cast.client(cast.bob).post(url(cast, "add-subdomain/"), sent, headers=HTMX)
    assert (answer.status_code, errors(answer)) == (422, wrong)
    assert Domain.objects.count() == 2


def test_a_subdomain_goes_below_a_verified_domain_first_and_is_told_as_people_write_it(cast: Cast) -> None:
    client = cast.client(cast.bob)
    pending = add_domain(actor=cast.system, tenant=cast.acme, name="aä.example", approved=False)
    assert client.get(url(cast, "add-subdomain/"), headers=HTMX).context["form"]["parent"].value() == "acme.test"
    sent = {"name": "a b", "parent": pending.name}
    answer = client.post(url(cast, "add-subdomain/"), sent, headers=HTMX)
    assert errors(answer) == {"name": ["“a b.aä.example” is not a domain name, such as example.com."]}
    assert client.post(url(cast, "add-subdomain/"), sent | {"name": "ö"}, headers=HTMX).status_code == 200
    assert "ö.aä.example" in map(str, Domain.objects.filter(parent=pending))


def test_without_a_domain_there_is_nothing_to_be_below(cast: Cast) -> None:
    Domain.objects.filter(tenant=cast.acme).delete()
    answer = cast.client(cast.bob).post(url(cast, "add-subdomain/"), {"name": "mail"})
    assert errors(answer) == {"parent": ["Acme has no domain yet. Add one first."]}


def test_the_pencil_changes_who_gets_what_is_addressed_to_nobody(cast: Cast) -> None:
    anna = cast.user("Anna Becker", ox=True)
    client, path = cast.client(cast.bob), url(cast, f"{acme(cast).pk}/edit/")
    seen = client.get(path, headers=HTMX).context["form"].seen
    here = {**HTMX, "HX-Current-URL": f"http://testserver{url(cast)}?q=ac"}
    answer = client.post(path, {"catch_all": anna.pk, "seen": seen}, headers=here)
    assert answer.headers["HX-Redirect"] == f"{url(cast)}?q=ac"
    assert acme(cast).catch_all == anna
    late = client.post(path, {"catch_all": "", "seen": seen}, headers=HTMX)
    assert late.status_code == 422
    assert errors(late)["__all__"] == [
        "This domain was changed meanwhile. Save again to replace it by what stands here."
    ]
    assert acme(cast).catch_all == anna
    now = late.context["form"].seen
    client.post(path, {"catch_all": "", "seen": now}, headers=HTMX)
    assert acme(cast).catch_all is None


def test_without_script_a_catch_all_is_searched_and_nothing_saved(cast: Cast) -> None:
    anna = cast.user("Anna Becker", ox=True)
    sent = {"name": "", "catch_all_text": "ann", "do": "find"}
    answer = cast.client(cast.bob).post(url(cast, "add/"), sent)
    assert (answer.status_code, errors(answer)) == (200, {})
    assert f'value="{anna.pk}"' in answer.content.decode()
    assert present(cast.acme).count() == 1


def test_catch_alls_are_searched_on_the_server(cast: Cast) -> None:
    cast.user("Anna Becker", ox=True)
    cast.user("Anton Without")
    answer = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/options/catch-alls/?q=an", headers=HTMX)
    assert re.findall(r'data-label="([^"]*)"', answer.content.decode()) == ["Anna Becker"]
    assert cast.client(cast.charlie).get(f"/t/{cast.acme.pk}/options/catch-alls/?q=an").status_code == 404
