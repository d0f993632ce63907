"""Customers > Add customer: form, summary, Finish."""

import pytest
from tests.cast import Cast
from tests.rows import everything

from oxherd.accounts.commands import grant
from oxherd.accounts.states import Role
from oxherd.administrators.models import Invitation
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.profiles.commands import add_profile
from oxherd.subscriptions.drafts import purge
from oxherd.subscriptions.models import CustomerDraft
from oxherd.tenants.models import Seats, Tenant

HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice(cast):
    return cast.client(cast.alice)


def start(client, query="") -> str:
    """The address of a new form."""
    answer = client.get(f"/customers/add/{query}")
    assert answer.status_code == 302
    return answer.headers["Location"]


def filled(cast, **changes) -> dict[str, object]:
    mail = cast.mail.pk
    given = {"name": "Initech", "brand": cast.brand.pk, "domain": "initech.test", f"offer_{mail}": "on"}
    given |= {"administrator_name": "Ada Lo", "administrator_email": "ada@initech.test"}
    return {**given, f"seats_{mail}": "5", "group_limit": "7", "quota": "2", "quota_unit": "GB", **changes}


def test_a_customer_is_added_in_one_go(cast: Cast, alice) -> None:
    url = start(alice)
    answer = alice.post(url, filled(cast))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{url}summary/")
    shown = alice.get(f"{url}summary/").content.decode()
    assert [word in shown for word in ("initech.test", "5 seats", "2 GB")] == [True] * 3
    assert not Tenant.objects.filter(name="Initech").exists()
    answer = alice.post(f"{url}summary/")
    made = Tenant.objects.get(name="Initech")
    assert answer.headers["Location"] == f"/t/{made.pk}/overview/"
    assert (made.quota_mb, made.group_limit, made.domain_limit) == (2048, 7, None)
    assert made.domains.get().is_verified
    assert Invitation.objects.get(tenant=made).email == "ada@initech.test"
    assert list(Seats.objects.filter(tenant=made).values_list("profile", "number")) == [(cast.mail.pk, 5)]
    assert len(set(AuditEntry.objects.filter(tenant_id=made.pk).values_list("request_id", flat=True))) == 1


def test_the_summary_shows_the_domain_as_it_is_saved(cast: Cast, alice) -> None:
    url = start(alice)
    alice.post(url, filled(cast, domain="BÜCHER.Example."))
    shown = alice.get(f"{url}summary/").content.decode()
    assert ("bücher.example" in shown, "BÜCHER" in shown) == (True, False)


def test_finish_clicked_twice_adds_one(cast: Cast, alice) -> None:
    url = start(alice)
    alice.post(url, filled(cast))
    answers = [alice.post(f"{url}summary/").headers["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert Tenant.objects.filter(name="Initech").count() == 1
    assert alice.get(url).headers["Location"] == answers[0]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Give the customer a name."),
        ("brand", "0", "This is not offered, or no longer. Choose one from the list."),
        ("domain", "globex.test", "globex.test belongs to Globex already."),
        ("domain", "no domain", "“no domain” is not a domain name, such as example.com."),
        ("context_name", "a b", "Use letters, digits and . _ - + $ % only, 100 at most."),
        ("administrator_email", "nobody", "nobody is not a mail address."),
        ("group_limit", "-1", "Give a whole number from 0 on, or leave it empty for no limit."),
        ("quota", "9999999999", "Give 2,097,151 GB at most, or leave it empty."),
        ("seats", "many", "Give a whole number from 0 on, or leave it empty for no limit."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_left(cast: Cast, alice, field, value, sentence) -> None:
    url = start(alice)
    before = everything()
    name = f"seats_{cast.mail.pk}" if field == "seats" else field
    answer = alice.post(url, filled(cast, **{name: value}))
    assert (answer.status_code, answer.context["form"].errors[name]) == (422, [sentence])
    assert everything() == before
    kept = alice.get(url).context["form"]
    assert kept[name].value() == value


def test_several_errors_show_at_once(cast: Cast, alice) -> None:
    wrong = {
        "name": "",
        "group_limit": "x",
        "context_name": "not so",
        "domain": "no domain",
        "administrator_email": "x",
    }
    answer = alice.post(start(alice), filled(cast, **wrong))
    assert set(answer.context["form"].errors) == set(wrong)


def test_without_a_mail_server_nobody_waits_for_a_mail(cast: Cast, alice, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    url = start(alice)
    alice.post(url, filled(cast))
    page = alice.post(f"{url}summary/", follow=True).content.decode()
    assert "no mail server is set up: pass a link on, from Administrators." in page


def test_what_others_take_meanwhile_is_told_at_the_end(cast: Cast, alice) -> None:
    url = start(alice)
    alice.post(url, filled(cast))
    other = start(alice)
    alice.post(other, filled(cast, name="Initrode", administrator_email="other@initech.test"))
    alice.post(f"{other}summary/")
    answer = alice.post(f"{url}summary/")
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["domain"])
    assert not Tenant.objects.filter(name="Initech").exists()


def test_another_brand_shows_its_profiles(cast: Cast, alice) -> None:
    keys = {"api_url": "http://127.0.0.1:9", "username": "x", "password": "y"}
    other = add_brand(actor=cast.system, name="Aurora", **keys)
    gold = add_profile(actor=cast.system, brand=other, name="Gold", access_combination="all")
    url = start(alice, f"?brand={cast.brand.pk}")
    profiles = [row.profile for row in alice.get(url).context["form"].seat_rows]
    assert profiles == [cast.mail, cast.groupware]
    answer = alice.post(url, filled(cast, brand=other.pk, name="", do="brand"), headers=HTMX)
    assert (answer.status_code, [row.profile for row in answer.context["form"].seat_rows]) == (200, [gold])


def test_a_reseller_adds_customers_to_own_brands_alone(cast: Cast) -> None:
    keys = {"api_url": "http://127.0.0.1:9", "username": "x", "password": "y"}
    other = add_brand(actor=cast.system, name="Aurora", **keys)
    grant(cast.charlie, Role.RESELLER, brand=other)
    client = cast.client(cast.charlie)
    url = start(client)
    assert [label for _, label in client.get(url).context["form"].fields["brand"].choices] == ["Aurora"]
    assert client.post(url, filled(cast)).context["form"].errors["brand"]


def test_nobody_else_finds_the_form(cast: Cast, alice) -> None:
    url = start(alice)
    for who in (cast.bob, cast.charlie, cast.dora, cast.rita):
        client = cast.client(who)
        answers = [client.get(place).status_code for place in ("/customers/add/", url, f"{url}summary/")]
        answers += [client.post(f"{url}{act}").status_code for act in ("summary/", "discard/")]
        assert answers == [404] * 5


def test_a_discarded_form_is_gone(cast: Cast, alice) -> None:
    url = start(alice)
    assert alice.post(f"{url}discard/").headers["Location"] == "/customers/"
    answer = alice.get(url)
    assert (answer.status_code, "Start again" in answer.content.decode()) == (404, True)
    assert [alice.post(f"{url}{act}").status_code for act in ("summary/", "discard/")] == [404, 404]


def test_old_forms_go(cast: Cast, alice) -> None:
    start(alice)
    start(alice)
    CustomerDraft.objects.update(changed_at="2020-01-01T00:00Z")
    assert purge() == 2
    assert not CustomerDraft.objects.exists()
