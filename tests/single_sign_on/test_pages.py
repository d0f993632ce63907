"""Setting identity providers up in the panel."""

import time

import pytest
from django.test import Client
from tests.cast import Cast
from tests.single_sign_on.conftest import OIDC, Visitor

from oxherd.accounts.commands import grant
from oxherd.accounts.models import Administrator, CustomRole, Membership
from oxherd.accounts.states import Permission, Role
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.domains.commands import add_domain
from oxherd.single_sign_on.commands import add_provider, change_provider
from oxherd.single_sign_on.models import Identity, IdentityProvider
from oxherd.tenants.commands import add_tenant


def signed_in(cast: Cast, administrator: Administrator) -> Client:
    """With a fresh proof of who it is."""
    client = cast.client(administrator)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(administrator.pk)
    session.save()
    return client


@pytest.fixture
def bob(cast: Cast) -> Client:
    return signed_in(cast, cast.bob)


@pytest.fixture
def sent(forger) -> dict[str, object]:
    return {
        "key": "abcdefgh-_123456",
        "name": "Contoso",
        "issuer": forger.url,
        "client_id": "oxherd",
        "client_secret": "s3cret",
        "scopes": "email",
        "mail_domains": "acme.test",
        "mail_claim": "email",
        "groups_claim": "groups",
        "group": ["staff", ""],
        "role": ["read_only", ""],
        "is_enabled": "on",
    }


def base(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/sign-in/"


def test_a_customer_sets_one_up_with_the_address_that_was_shown(cast, bob, sent):
    assert "Nobody signs in elsewhere yet" in bob.get(base(cast)).content.decode()
    form = bob.get(f"{base(cast)}add/oidc/").content.decode()
    assert "/callback/" in form
    answer = bob.post(f"{base(cast)}add/oidc/", sent)
    row = IdentityProvider.objects.get()
    assert answer.url == f"{base(cast)}{row.pk}/"
    assert (row.key, row.tenant, row.scopes, row.is_enabled) == ("abcdefgh-_123456", cast.acme, "openid email", True)
    page = bob.get(answer.url).content.decode()
    assert f"http://testserver/sign-in/with/{row.key}/callback/" in page
    assert "s3cret" not in page + row.sealed_client_secret + str(AuditEntry.objects.latest("id").after)
    assert "Contoso" in bob.get(base(cast)).content.decode()


@pytest.mark.parametrize(
    "told",
    [
        ("name", " ", "Say what the button is to be called."),
        ("issuer", "login.contoso.test", "Give a complete address that begins with https://."),
        ("issuer", "http://login.contoso.test", "Only https:// is safe for signing in."),
        ("issuer", "https://10.0.0.1", "10.0.0.1 is an address inside a network"),
        ("issuer", "https://a.test/.well-known/openid-configuration", "Leave out /.well-known/"),
        ("issuer", "https://user:password@a.test", "Leave user name and password out"),
        ("client_id", "", "Give the client ID."),
        ("scopes", 'a"b', "is not a scope"),
        ("mail_domains", "globex.test", "globex.test is not a verified domain of Acme."),
        ("mail_domains", "nonsense", "is not a mail domain"),
        ("mail_domains", "", "Name at least one of your verified domains."),
        ("mail_claim", "", "Say where the service tells the mail address."),
        ("groups_claim", "", "Say where the service tells the groups."),
        ("group_roles", ["operator"], "Choose the role that staff gives."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(cast, bob, sent, told):
    field, value, sentence = told
    name = "role" if field == "group_roles" else field
    answer = bob.post(f"{base(cast)}add/oidc/", {**sent, name: value})
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert not IdentityProvider.objects.exists()


def test_saving_again_keeps_the_secret_and_everything_else(cast, bob, sent, contoso):
    url = f"{base(cast)}{contoso.pk}/edit/"
    seen = bob.get(url).context["form"].seen
    answer = bob.post(url, {**sent, "client_secret": "", "name": "Fabrikam", "seen": seen})
    assert answer.status_code == 302
    before, contoso = contoso, IdentityProvider.objects.get()
    assert (contoso.name, contoso.sealed_client_secret) == ("Fabrikam", before.sealed_client_secret)


def test_a_form_that_is_out_of_date_says_so(cast, bob, sent, contoso):
    url = f"{base(cast)}{contoso.pk}/edit/"
    seen = bob.get(url).context["form"].seen
    change_provider(actor=cast.system, provider=contoso, name="Fabrikam")
    answer = bob.post(url, {**sent, "seen": seen})
    assert "This was changed meanwhile." in answer.content.decode()


def test_with_another_client_nobody_is_known_any_more(cast, visitor, contoso, eve):
    """Subjects may be made for each client."""
    visitor.sign_in(contoso)
    change_provider(actor=cast.system, provider=contoso, client_id="another")
    assert not Identity.objects.exists()


def test_off_and_on_again(cast, bob, contoso):
    for on in ("no", "yes"):
        bob.post(f"{base(cast)}{contoso.pk}/switch/", {"on": on})
        contoso.refresh_from_db()
        assert contoso.is_enabled == (on == "yes")


def test_removing_wants_the_name_and_takes_the_roles_of_its_groups(cast, bob, visitor, contoso):
    pairs = [("staff", Role.READ_ONLY)]
    change_provider(actor=cast.system, provider=contoso, group_roles=pairs, creates_administrators=True)
    visitor.sign_in(contoso, email="nina@acme.test", groups=["staff"])
    url = f"{base(cast)}{contoso.pk}/remove/"
    assert "1 role that its groups have given ends." in bob.get(url).content.decode()
    assert bob.post(url, {"typed": "Fabrikam"}).status_code == 422
    assert bob.post(url, {"typed": "Contoso"}).url == base(cast)
    assert not IdentityProvider.objects.exists()
    assert not Membership.objects.filter(administrator__email="nina@acme.test").exists()
    assert not visitor.is_in


def test_somebody_is_forgotten(cast, bob, visitor, contoso, eve):
    visitor.sign_in(contoso)
    known = Identity.objects.get()
    bob.post(f"{base(cast)}{contoso.pk}/forget/{known.pk}/")
    assert not Identity.objects.exists()
    assert AuditEntry.objects.latest("id").before == {"administrator": "Eve", "mail": "eve@acme.test"}


class TestTheTest:
    def test_says_what_the_service_says_of_itself(self, cast, bob, contoso):
        page = bob.post(f"{base(cast)}{contoso.pk}/test/").content.decode()
        assert f"The service answers as {contoso.issuer}." in page
        assert "1 to check signatures with." in page

    @pytest.mark.parametrize(
        "told",
        [
            ({"issuer": "https://other.test"}, "The service calls itself https://other.test."),
            ({"jwks_uri": None}, "lacks jwks_uri"),
            ({"token_endpoint": "http://10.0.0.1/"}, "token_endpoint cannot be used"),
            ({"scopes_supported": ["openid"]}, "The service does not list email, profile."),
            ({"id_token_signing_alg_values_supported": ["HS256"]}, "The service signs by HS256 only."),
        ],
    )
    def test_says_what_does_not_fit(self, cast, bob, contoso, forger, told):
        change, sentence = told
        forger.documents["/.well-known/openid-configuration"].update(change)
        assert sentence in bob.post(f"{base(cast)}{contoso.pk}/test/").content.decode()

    def test_says_that_nobody_answers(self, cast, bob, contoso, forger):
        forger.is_dead = True
        page = bob.post(f"{base(cast)}{contoso.pk}/test/").content.decode()
        assert "The service does not answer with its discovery document." in page

    def test_shows_what_a_sign_in_would_tell_and_do_and_changes_nothing(self, cast, bob, contoso, forger):
        pairs = [("staff", Role.READ_ONLY)]
        change_provider(
            actor=cast.system, provider=contoso, group_roles=pairs, creates_administrators=True, is_enabled=False
        )
        visitor = Visitor(forger, bob)
        asked = visitor.asked(bob.post(f"{base(cast)}{contoso.pk}/test/", {"sign_in": "yes"}))
        said = {"nonce": asked["nonce"], "email": "nina@acme.test", "email_verified": True, "groups": ["staff"]}
        page = visitor.come_back(contoso, asked["state"], id_token=forger.token(**said, shoe="41")).content.decode()
        for told in ("nina@acme.test is added", "The role Read-only is given by the group staff", "shoe", "41"):
            assert told in page
        assert not Administrator.objects.filter(email="nina@acme.test").exists()
        assert bob.session["_auth_user_id"] == str(cast.bob.pk)

    def test_is_not_for_others(self, cast, bob, contoso, forger):
        visitor = Visitor(forger, bob)
        asked = visitor.asked(bob.post(f"{base(cast)}{contoso.pk}/test/", {"sign_in": "yes"}))
        cast.bob.memberships.all().delete()
        token = forger.token(nonce=asked["nonce"])
        assert visitor.come_back(contoso, asked["state"], id_token=token).status_code == 404


class TestWhoMay:
    @pytest.mark.parametrize("name", ["charlie"])
    def test_a_stranger_finds_nothing(self, cast, contoso, name):
        charlie = signed_in(cast, getattr(cast, name))
        for path in ("", "add/oidc/", f"{contoso.pk}/", f"{contoso.pk}/edit/", f"{contoso.pk}/remove/"):
            assert charlie.get(base(cast) + path).status_code == 404
        for path in ("switch/", "test/", "forget/1/"):
            assert charlie.post(f"{base(cast)}{contoso.pk}/{path}").status_code == 404
        assert charlie.get(f"/t/{cast.globex.pk}/sign-in/{contoso.pk}/").status_code == 404

    @pytest.mark.parametrize("name", ["dora", "rita"])
    def test_a_small_role_may_not(self, cast, contoso, name):
        client = signed_in(cast, getattr(cast, name))
        assert client.get(base(cast)).status_code == 403
        assert client.post(f"{base(cast)}{contoso.pk}/switch/", {"on": "no"}).status_code == 403

    @pytest.mark.parametrize("page", ["/sign-in-settings/", "/brands/{brand}/sign-in/"])
    def test_a_customer_sees_none_of_above(self, cast, bob, page):
        assert bob.get(page.format(brand=cast.brand.pk)).status_code in {403, 404}

    def test_who_manages_administrators_but_may_do_less_than_they_may_not(self, cast, bob, sent):
        """Whoever runs the service could sign in as any of them."""
        role = CustomRole.objects.create(name="Personnel", permissions=["view", "manage_administrators"])
        pam = Administrator.objects.create(email="pam@panel.test", name="Pam")
        Membership.objects.create(administrator=pam, custom_role=role, tenant=cast.acme)
        answer = signed_in(cast, pam).post(f"{base(cast)}add/oidc/", sent)
        assert answer.status_code == 403
        assert "decides who signs in as whom" in answer.content.decode()

    def test_groups_may_give_custom_roles(self, cast, bob, sent, visitor):
        role = CustomRole.objects.create(name="Phone", permissions=["view", "set_password"], tenant=cast.acme)
        answer = bob.post(f"{base(cast)}add/oidc/", {**sent, "role": [f"custom:{role.pk}", ""]})
        assert answer.status_code == 302
        row = IdentityProvider.objects.get()
        change_provider(actor=cast.system, provider=row, creates_administrators=True)
        visitor.sign_in(row, email="nina@acme.test", groups=["staff"])
        assert Membership.objects.get(administrator__email="nina@acme.test").custom_role == role

    def test_groups_do_not_give_more_than_who_sets_them_up_may(self, cast, bob, sent):
        role = CustomRole.objects.create(name="Sales", permissions=[Permission.VIEW, Permission.MANAGE_TENANTS])
        answer = bob.post(f"{base(cast)}add/oidc/", {**sent, "role": [f"custom:{role.pk}", ""]})
        assert "may do more than you may" in answer.context["form"].errors["group_roles"][0]

    def test_an_old_proof_is_asked_for_once_more(self, cast, sent, settings):
        settings.PROOF_SECONDS = 0
        client = cast.client(cast.bob)
        answer = client.post(f"{base(cast)}add/oidc/", sent)
        assert "Confirm it is you" in answer.content.decode()
        assert not IdentityProvider.objects.exists()


def test_operators_set_one_up_for_the_provider_and_it_stands_on_the_sign_in_page(cast, sent, client):
    alice = signed_in(cast, cast.alice)
    answer = alice.post("/sign-in-settings/add/oidc/", {**sent, "mail_domains": "", "name": "Staff"})
    assert answer.status_code == 302
    assert "Sign in with Staff" in client.get("/sign-in/login/").content.decode()


def test_resellers_set_one_up_for_their_brand_but_not_for_a_domain_of_another_brands_customer(cast, sent):
    other = add_brand(actor=cast.system, name="Moon", api_url="http://127.0.0.1:9", username="u", password="p")
    add_domain(actor=cast.system, tenant=add_tenant(actor=cast.system, brand=other, name="I"), name="initech.test")
    grant(cast.bob, Role.RESELLER, brand=cast.brand)
    bob, url = signed_in(cast, cast.bob), f"/brands/{cast.brand.pk}/sign-in/add/oidc/"
    answer = bob.post(url, {**sent, "mail_domains": "initech.test"})
    assert "initech.test belongs to a customer of another brand." in answer.context["form"].errors["mail_domains"]
    assert bob.post(url, {**sent, "mail_domains": "acme.test sunrise.test"}).status_code == 302


def test_a_customers_own_service_comes_before_its_brands(cast, contoso, client, forger):
    shared = {"issuer": forger.url, "mail_domains": ["acme.test"], **OIDC}
    add_provider(actor=cast.system, owner=cast.brand, name="Sunrise", **shared)
    assert "Sign in with Contoso" in client.get("/sign-in/where/?login=eve@acme.test").content.decode()


def test_the_list_costs_the_same_for_one_and_for_many(cast, bob, contoso, forger, django_assert_num_queries):
    bob.get(base(cast))
    with django_assert_num_queries(8):
        bob.get(base(cast))
    for number in range(3):
        kept = {**OIDC, "is_enabled": False}
        add_provider(actor=cast.system, owner=cast.acme, name=f"P{number}", issuer=forger.url, **kept)
    with django_assert_num_queries(8):
        bob.get(base(cast))
