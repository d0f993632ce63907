from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.brands.commands import add_brand
from oxherd.tenants.commands import add_tenant, change_tenant, suspend_tenant
from oxherd.tenants.models import Tenant

HTMX = {"HX-Request": "true"}


def shown(answer):
    return [tenant.name for tenant in answer.context["page"].rows]


def test_customers_are_listed_for_those_who_see_several(cast: Cast) -> None:
    answer = cast.client(cast.alice).get("/customers/")
    assert (answer.status_code, shown(answer)) == (200, ["Acme", "Globex"])
    assert f'href="/t/{cast.globex.pk}/users/"' in answer.content.decode()


def test_a_new_installation_leads_its_operator_to_the_first_brand(db: None) -> None:
    operator = add_administrator(email="olga@host.test", name="Olga", password=PASSWORD)
    grant(operator, Role.OPERATOR)
    client = Client()
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/customers/").content.decode()
    assert ("Add your first brand" in page, "Add customer" in page) == (True, False)
    assert 'href="/brands/add/"' in page


def test_nobody_sees_a_customer_beyond_their_roles(cast: Cast) -> None:
    assert shown(cast.client(cast.bob).get("/customers/")) == ["Acme"]
    assert shown(cast.client(cast.charlie).get("/customers/?q=acme")) == []
    switcher = cast.client(cast.charlie).get("/customers/switcher/?q=a", headers=HTMX)
    assert list(switcher.context["tenants"]) == []


def test_customers_are_found_as_one_types(cast: Cast) -> None:
    answer = cast.client(cast.alice).get("/customers/", {"q": "GLO"}, headers=HTMX)
    assert (shown(answer), answer.headers["HX-Push-Url"]) == (["Globex"], "/customers/?q=GLO")
    switcher = cast.client(cast.alice).get("/customers/switcher/", {"q": "lobe"}, headers=HTMX)
    assert [tenant.name for tenant in switcher.context["tenants"]] == ["Globex"]


def test_pages_of_customers_show_each_once_at_a_constant_price(cast: Cast, django_assert_num_queries) -> None:
    client = cast.client(cast.alice)
    # Session, administrator, roles, brands; count, rows; seats, and other figures of those on the page.
    with django_assert_num_queries(8):
        client.get("/customers/")
    Tenant.objects.bulk_create(
        Tenant(brand=cast.brand, name="Same", context_id=5000 + number, context_name=f"same-{number}")
        for number in range(60)
    )
    with django_assert_num_queries(8):
        first = client.get("/customers/")
    second = client.get(first.context["page"].next_url)
    assert sorted(shown(first) + shown(second)) == ["Acme", "Globex", *["Same"] * 60]
    back = client.get(second.context["page"].previous_url)
    assert [tenant.pk for tenant in back.context["page"].rows] == [tenant.pk for tenant in first.context["page"].rows]


def test_only_those_who_see_several_customers_get_the_switcher(cast: Cast) -> None:
    pages = {who: cast.client(getattr(cast, who)).get(f"/t/{cast.acme.pk}/users/") for who in ("alice", "bob")}
    assert {who: 'id="switcher"' in page.content.decode() for who, page in pages.items()} == {
        "alice": True,
        "bob": False,
    }


def test_customers_are_narrowed_by_state_and_brand(cast: Cast) -> None:
    alice = cast.client(cast.alice)
    other = add_brand(actor=cast.system, name="Aurora", api_url="http://127.0.0.1:9", username="x", password="y")
    add_tenant(actor=cast.system, brand=other, name="Initech")
    suspend_tenant(actor=cast.system, tenant=cast.globex)
    assert shown(alice.get("/customers/?state=suspended")) == ["Globex"]
    assert shown(alice.get(f"/customers/?brand={other.pk}")) == ["Initech"]
    assert shown(alice.get(f"/customers/?brand={other.pk}&state=suspended")) == []
    assert shown(alice.get("/customers/?brand=x&state=y&sort=newest")) == ["Initech", "Globex", "Acme"]


def test_customers_are_found_by_their_domains(cast: Cast) -> None:
    alice = cast.client(cast.alice)
    assert shown(alice.get("/customers/?q=globex.test")) == ["Globex"]
    assert shown(cast.client(cast.bob).get("/customers/?q=globex.test")) == []


def test_each_row_tells_users_seats_and_the_last_change(cast: Cast) -> None:
    cast.user("Anna Becker", ox=True)
    cast.user("Bert Conrad")
    change_tenant(actor=cast.system, tenant=cast.acme, seats={cast.groupware: 20})
    ((_, figures), _) = cast.client(cast.alice).get("/customers/").context["rows"]
    assert (figures.users_shown, figures.used, figures.bought, figures.changed_at) == ("2", 1, 30, last_entry().at)


def test_only_who_manages_customers_is_offered_to_add_one(cast: Cast) -> None:
    pages = {who: cast.client(getattr(cast, who)).get("/customers/").content.decode() for who in ("alice", "bob")}
    assert {who: 'href="/customers/add/"' in page for who, page in pages.items()} == {"alice": True, "bob": False}
