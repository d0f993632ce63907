"""Who tries to get in as somebody else: each way must end at the wall that is meant for it."""

import time

import jwt
import pytest
from tests.cast import PASSWORD, Cast
from tests.identity_provider.forger import new_key
from tests.single_sign_on.conftest import OIDC, Visitor

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Role
from oxherd.brands.commands import add_brand
from oxherd.domains.commands import add_domain
from oxherd.single_sign_on.commands import add_provider, change_provider
from oxherd.single_sign_on.models import Identity
from oxherd.tenants.commands import add_tenant


def is_out(visitor, answer, status: int = 403) -> bool:
    return answer.status_code == status and not visitor.is_in and not Identity.objects.exists()


class TestTheServiceOfACustomer:
    """Its owner decides what it says, and says that every address is verified."""

    @pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
    def test_signs_in_nobody_by_an_address_of_elsewhere(self, visitor, contoso, name):
        """Not even its own customer's administrator: the domain is not the customer's."""
        answer = visitor.sign_in(contoso, email=f"{name}@panel.test")
        assert is_out(visitor, answer)
        assert "may not sign in people of panel.test" in answer.content.decode()

    @pytest.mark.parametrize(
        "given",
        [(Role.OPERATOR, {}), (Role.RESELLER, {"brand": "brand"}), (Role.READ_ONLY, {"tenant": "globex"})],
    )
    def test_signs_in_nobody_with_a_role_elsewhere_whatever_the_domain(self, cast: Cast, visitor, contoso, eve, given):
        role, place = given
        grant(eve, role, **{level: getattr(cast, name) for level, name in place.items()})
        answer = visitor.sign_in(contoso)
        assert is_out(visitor, answer)
        assert "has roles that Contoso has no say over" in answer.content.decode()

    def test_cannot_wait_for_a_role_elsewhere(self, cast, visitor, contoso, eve):
        """A session that was begun there ends as soon as the person gets a role outside."""
        visitor.sign_in(contoso)
        assert visitor.is_in
        grant(eve, Role.OPERATOR)
        assert visitor.client.get(f"/t/{cast.globex.pk}/users/").status_code == 302
        assert not visitor.is_in
        assert visitor.sign_in(contoso).status_code == 403

    def test_adds_nobody_by_an_address_of_elsewhere(self, cast, visitor, contoso):
        """Else it could take addresses before their owners come."""
        pairs = [("all", Role.READ_ONLY)]
        change_provider(actor=cast.system, provider=contoso, creates_administrators=True, group_roles=pairs)
        for mail in (
            "chief@globex.test",
            "chief@sub.acme.test",
            "chief@acme.test.evil.test",
            "chief@ACME.test@globex.test",
        ):
            assert is_out(visitor, visitor.sign_in(contoso, email=mail, groups=["all"]))
        assert not Administrator.objects.filter(email__startswith="chief").exists()

    def test_has_no_say_over_a_domain_that_the_customer_has_lost(self, cast, visitor, contoso, eve):
        cast.acme.domains.update(verified_at=None, proof="")
        assert is_out(visitor, visitor.sign_in(contoso))

    def test_signs_in_nobody_without_a_role_here(self, cast, visitor, contoso, eve):
        """An account of elsewhere whose roles were taken away for a while."""
        Membership.objects.filter(administrator=eve).delete()
        assert is_out(visitor, visitor.sign_in(contoso))

    def test_of_another_customer_signs_in_nobody_by_the_domain_of_this_one(self, cast, visitor, contoso, eve, forger):
        theirs = add_provider(
            actor=cast.system, owner=cast.globex, name="Theirs", issuer=forger.url, mail_domains=["globex.test"], **OIDC
        )
        assert is_out(visitor, visitor.sign_in(theirs))

    def test_of_another_customer_with_the_same_subject_is_somebody_else(self, cast, visitor, contoso, eve, forger):
        """Subjects are of one identity provider each."""
        visitor.sign_in(contoso)
        visitor.client.post("/sign-in/logout/")
        theirs = add_provider(
            actor=cast.system, owner=cast.globex, name="Theirs", issuer=forger.url, mail_domains=["globex.test"], **OIDC
        )
        assert visitor.sign_in(theirs, sub="eve-1").status_code == 403
        assert not visitor.is_in

    def test_cannot_be_asked_by_the_state_of_another(self, cast, visitor, contoso, eve, forger):
        theirs = add_provider(
            actor=cast.system, owner=cast.globex, name="Theirs", issuer=forger.url, mail_domains=["globex.test"], **OIDC
        )
        asked = visitor.leave(theirs)
        token = forger.token(nonce=asked["nonce"], email="eve@acme.test", email_verified=True)
        assert is_out(visitor, visitor.come_back(contoso, asked["state"], id_token=token), 400)


class TestTheServiceOfABrand:
    @pytest.fixture
    def ours(self, cast, forger):
        return add_provider(actor=cast.system, owner=cast.brand, name="Sunrise", issuer=forger.url, **OIDC)

    def test_signs_in_its_own_people_and_those_of_its_customers(self, visitor, ours, eve):
        assert visitor.sign_in(ours).status_code == 302

    def test_signs_in_no_operator(self, cast, visitor, ours):
        assert is_out(visitor, visitor.sign_in(ours, email="alice@panel.test"))

    def test_signs_in_nobody_of_a_customer_of_another_brand(self, cast, visitor, ours, eve):
        other = add_brand(actor=cast.system, name="Moon", api_url="http://127.0.0.1:9", username="u", password="p")
        initech = add_tenant(actor=cast.system, brand=other, name="Initech")
        add_domain(actor=cast.system, tenant=initech, name="initech.test")
        grant(add_administrator(email="i@initech.test", name="I", password=PASSWORD), Role.READ_ONLY, tenant=initech)
        assert is_out(visitor, visitor.sign_in(ours, email="i@initech.test"))
        grant(eve, Role.READ_ONLY, tenant=initech)
        assert is_out(visitor, visitor.sign_in(ours))


def test_the_address_of_somebody_else_is_worth_nothing_unless_it_is_verified(visitor, contoso, eve):
    for said in (False, None, "false", "no", 0):
        assert is_out(visitor, visitor.sign_in(contoso, email_verified=said))


@pytest.mark.parametrize(
    "mail", ["", "eve", "EVE@acme.test\x00", "\u212aeve@acme.test", ["x", "eve@acme.test"], {"a": 1}, None]
)
def test_what_is_no_plain_address_is_none(visitor, contoso, eve, mail):
    assert is_out(visitor, visitor.sign_in(contoso, email=mail))


def test_another_subject_with_a_known_address_is_not_the_same_person(visitor, contoso, eve):
    """Addresses are given to others when people leave."""
    visitor.sign_in(contoso)
    visitor.client.post("/sign-in/logout/")
    answer = visitor.sign_in(contoso, sub="other-1")
    assert "belongs to another account of Contoso" in answer.content.decode()
    assert not visitor.is_in


def test_somebody_switched_off_stays_out(visitor, contoso, eve):
    visitor.sign_in(contoso)
    visitor.client.post("/sign-in/logout/")
    Administrator.objects.filter(pk=eve.pk).update(is_active=False)
    assert visitor.sign_in(contoso).status_code == 403


class TestForgedTokens:
    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "another-client"},
            {"aud": ["oxherd", "another-client"]},
            {"aud": ["oxherd", "another-client"], "azp": "another-client"},
            {"aud": None},
            {"iss": "https://evil.test"},
            {"iss": None},
            {"nonce": "another"},
            {"nonce": None},
            {"exp": int(time.time()) - 120},
            {"exp": None},
            {"iat": None},
            {"iat": int(time.time()) - 7200},
            {"nbf": int(time.time()) + 7200},
            {"sub": None},
        ],
    )
    def test_a_token_that_is_not_for_this_sign_in_is_not_believed(self, visitor, contoso, eve, claims):
        assert is_out(visitor, visitor.sign_in(contoso, **claims), 400)

    def test_nor_one_that_somebody_else_has_signed(self, visitor, contoso, eve):
        assert is_out(visitor, visitor.sign_in(contoso, key=new_key()), 400)

    def test_nor_one_that_is_not_signed_or_signed_with_what_everybody_knows(self, visitor, contoso, eve):
        public = visitor.forger.documents["/keys"]["keys"][0]["n"]
        for key, algorithm in (("", "none"), (public, "HS256"), ("s3cret" * 8, "HS256")):
            asked = visitor.leave(contoso)
            said = {"nonce": asked["nonce"], "email": "eve@acme.test", "email_verified": True}
            token = (
                visitor.forger.token(key=key or None, algorithm=algorithm, **said) if key else _unsigned(visitor, said)
            )
            assert is_out(visitor, visitor.come_back(contoso, asked["state"], id_token=token), 400)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9..", "…" * 50])
    def test_nor_what_is_no_token(self, visitor, contoso, eve, token):
        asked = visitor.leave(contoso)
        visitor.forger.answers["the-code"] = {"access_token": "access", "id_token": token}
        assert is_out(visitor, visitor.come_back(contoso, asked["state"]), 400)

    def test_a_token_of_another_sign_in_is_not_believed(self, visitor, contoso, eve):
        first = visitor.leave(contoso)
        token = visitor.forger.token(nonce=first["nonce"], email="eve@acme.test", email_verified=True)
        second = visitor.leave(contoso)
        assert is_out(visitor, visitor.come_back(contoso, second["state"], id_token=token), 400)

    def test_a_new_key_of_the_service_is_looked_for(self, visitor, contoso, eve):
        visitor.sign_in(contoso, nonce="wrong")
        visitor.forger.documents["/keys"]["keys"][0]["kid"] = "newer"
        asked = visitor.leave(contoso)
        said = {"nonce": asked["nonce"], "email": "eve@acme.test", "email_verified": True}
        token = visitor.forger.token(kid="newer", **said)
        assert visitor.come_back(contoso, asked["state"], id_token=token).status_code == 302


class TestTheWayBack:
    def test_a_state_counts_once(self, visitor, contoso, eve):
        asked = visitor.leave(contoso)
        said = {"nonce": asked["nonce"], "email": "eve@acme.test", "email_verified": True}
        assert visitor.come_back(contoso, asked["state"], id_token=visitor.forger.token(**said)).status_code == 302
        visitor.client.post("/sign-in/logout/")
        again = visitor.come_back(contoso, asked["state"], id_token=visitor.forger.token(**said))
        assert (again.status_code, visitor.is_in) == (400, False)

    def test_nobody_is_signed_in_by_a_link_that_another_has_begun(self, visitor, contoso, eve, forger):
        """Else somebody could be made to work in the account of another."""
        asked = visitor.leave(contoso)
        token = forger.token(nonce=asked["nonce"], email="eve@acme.test", email_verified=True)
        victim = Visitor(forger)
        assert is_out(victim, victim.come_back(contoso, asked["state"], id_token=token), 400)

    def test_an_answer_of_another_service_is_refused(self, visitor, contoso, eve):
        asked = visitor.leave(contoso)
        token = visitor.forger.token(nonce=asked["nonce"], email="eve@acme.test", email_verified=True)
        answer = visitor.come_back(contoso, asked["state"], id_token=token, iss="https://evil.test")
        assert is_out(visitor, answer, 400)
        assert visitor.forger.asked_for("/token") == []

    def test_who_cancels_is_told_so_and_what_the_service_says_is_shown_as_text(self, visitor, contoso):
        asked = visitor.leave(contoso)
        answer = visitor.come_back(contoso, asked["state"], error="access_denied")
        assert "You did not sign in at Contoso." in answer.content.decode()
        asked = visitor.leave(contoso)
        page = visitor.come_back(contoso, asked["state"], error="<script>alert(1)</script>").content.decode()
        assert "<script>alert" not in page

    @pytest.mark.parametrize("sent", [{"process": "connect"}, {"scope": "admin"}, {"auth_params": "prompt=none"}])
    def test_what_is_added_to_the_address_changes_nothing(self, visitor, contoso, eve, sent):
        name, value = next(iter(sent.items()))
        answer = visitor.client.post(f"/sign-in/with/{contoso.key}/?{name}={value}")
        asked = visitor.asked(answer)
        assert set(asked) == {
            *("client_id", "redirect_uri", "scope", "response_type", "state"),
            *("nonce", "code_challenge", "code_challenge_method"),
        }
        assert "admin" not in asked["scope"]


def test_the_service_is_not_asked_where_it_stands_inside(visitor, contoso, eve, settings):
    """An address that led outside when it was entered may lead inside later."""
    settings.OXHERD_OUTGOING_ALLOWED = []
    answer = visitor.client.post(f"/sign-in/with/{contoso.key}/")
    assert "inside a network" in answer.content.decode()
    assert visitor.forger.asked == []


def test_nor_where_its_documents_lead_inside(visitor, contoso, eve, settings):
    visitor.forger.documents["/.well-known/openid-configuration"]["token_endpoint"] = "http://127.0.0.2:9/token"
    answer = visitor.client.post(f"/sign-in/with/{contoso.key}/")
    assert "token_endpoint cannot be used" in answer.content.decode()


def _unsigned(visitor, said) -> str:
    honest = jwt.decode(visitor.forger.token(**said), options={"verify_signature": False})
    return jwt.encode(honest, None, algorithm="none")
