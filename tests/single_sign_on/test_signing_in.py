"""By OpenID Connect, with what an honest service says."""

import logging

import pytest
from django.test import Client
from django.urls import reverse
from tests.cast import PASSWORD
from tests.identity_provider.forger import challenge_of
from tests.single_sign_on.conftest import OIDC

from oxherd.accounts.commands import grant
from oxherd.accounts.models import Administrator, Membership, SignInPolicy
from oxherd.accounts.states import Role
from oxherd.audit.models import AuditEntry
from oxherd.single_sign_on.commands import add_provider, change_provider
from oxherd.single_sign_on.models import Identity


def newest() -> AuditEntry:
    """The newest entry that is ours: the sign-in itself writes one, too."""
    return AuditEntry.objects.filter(action__startswith="identity:").latest("id")


def test_the_service_is_asked_with_state_nonce_and_a_proof_of_possession(visitor, contoso, eve):
    asked = visitor.leave(contoso, login="eve@acme.test")
    callback = f"http://testserver/sign-in/with/{contoso.key}/callback/"
    assert {name: asked[name] for name in ("client_id", "redirect_uri", "response_type", "login_hint")} == {
        "client_id": "oxherd",
        "redirect_uri": callback,
        "response_type": "code",
        "login_hint": "eve@acme.test",
    }
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert asked["code_challenge_method"] == "S256"
    visitor.come_back(contoso, asked["state"], id_token=visitor.forger.token(nonce=asked["nonce"]))
    sent = visitor.forger.asked_for("/token")[0]
    assert (sent["redirect_uri"], sent["client_secret"]) == (callback, "s3cret")
    assert challenge_of(sent["code_verifier"]) == asked["code_challenge"]


def test_somebody_whose_address_is_verified_gets_in_and_is_known_from_then_on(visitor, contoso, eve):
    answer = visitor.sign_in(contoso, after=f"/t/{contoso.tenant_id}/users/")
    assert (answer.status_code, answer.url) == (302, f"/t/{contoso.tenant_id}/users/")
    assert visitor.is_in
    assert Identity.objects.values_list("administrator", "subject", "mail").get() == (eve.pk, "eve-1", "eve@acme.test")
    again = visitor.sign_in(contoso, email="new.name@elsewhere.test", email_verified=False)
    assert again.status_code == 302
    assert Identity.objects.count() == 1


def test_a_sign_in_is_written_down_for_the_customer(visitor, contoso, eve):
    visitor.sign_in(contoso)
    entry = newest()
    assert (entry.what, entry.actor, entry.tenant_id) == (
        "Signed in through an identity provider",
        "Eve",
        contoso.tenant_id,
    )
    assert entry.after == {"mail": "eve@acme.test", "subject": "eve-1", "bound": True}


def test_user_info_of_the_same_subject_adds_to_the_token_and_does_not_overrule_it(visitor, contoso, eve):
    visitor.forger.user_info = {"sub": "eve-1", "email": "bob@panel.test", "name": "Nobody", "email_verified": True}
    assert visitor.sign_in(contoso, email_verified=None).status_code == 302
    assert visitor.forger.asked_for("/userinfo") == [{"authorization": "Bearer access"}]


def test_user_info_of_somebody_else_counts_for_nothing(visitor, contoso, eve):
    visitor.forger.user_info = {"sub": "mallory", "email_verified": True}
    answer = visitor.sign_in(contoso, email_verified=None)
    assert "does not say that eve@acme.test is verified" in answer.content.decode()


def test_a_service_that_vouches_for_all_its_addresses_need_not_say_so_each_time(cast, visitor, contoso, eve):
    change_provider(actor=cast.system, provider=contoso, vouches_for_mail=True)
    assert visitor.sign_in(contoso, email_verified=None).status_code == 302


def test_it_does_not_vouch_for_what_it_calls_unverified(cast, visitor, contoso, eve):
    change_provider(actor=cast.system, provider=contoso, vouches_for_mail=True)
    assert visitor.sign_in(contoso, email_verified=False).status_code == 403
    assert not visitor.is_in


@pytest.mark.parametrize(
    "after", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "https:evil.test"]
)
def test_nobody_is_led_out_of_the_panel(visitor, contoso, eve, after):
    assert visitor.sign_in(contoso, after=after).url == "/"


def test_who_was_somebody_else_is_signed_out_first(cast, visitor, contoso, eve):
    visitor.client.force_login(cast.bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    visitor.client.session.save()
    visitor.sign_in(contoso)
    assert visitor.client.session["_auth_user_id"] == str(eve.pk)


def test_signing_out_ends_the_session(visitor, contoso, eve):
    visitor.sign_in(contoso)
    visitor.client.post("/sign-in/logout/")
    assert not visitor.is_in


def test_the_session_gets_a_new_key_at_the_sign_in(visitor, contoso, eve):
    asked = visitor.leave(contoso)
    before = visitor.client.session.session_key
    token = visitor.forger.token(nonce=asked["nonce"], email="eve@acme.test", email_verified=True)
    visitor.come_back(contoso, asked["state"], id_token=token)
    assert visitor.client.session.session_key != before


class TestGroups:
    @pytest.fixture
    def contoso(self, cast, contoso):
        pairs = [("staff", Role.READ_ONLY), ("admins", Role.CUSTOMER_ADMINISTRATOR), ("helpers", Role.HELP_DESK)]
        return change_provider(actor=cast.system, provider=contoso, group_roles=pairs, creates_administrators=True)

    @staticmethod
    def roles(mail: str) -> dict[str, bool]:
        """By role: whether the groups give it."""
        held = Membership.objects.filter(administrator__email=mail)
        return {each.role: each.identity_provider_id is not None for each in held}

    def test_somebody_new_is_added_with_the_roles_of_the_groups(self, visitor, contoso):
        answer = visitor.sign_in(contoso, sub="nina-1", email="Nina@acme.test", name="Nina", groups=["staff", "other"])
        assert answer.status_code == 302
        nina = Administrator.objects.get(email="nina@acme.test")
        assert (nina.name, nina.has_usable_password()) == ("Nina", False)
        assert self.roles("nina@acme.test") == {Role.READ_ONLY: True}
        assert newest().after["roles_given"] == ["Read-only"]

    def test_each_sign_in_gives_and_takes_and_leaves_what_was_given_by_hand(self, visitor, contoso, eve):
        visitor.sign_in(contoso, groups=["staff", "helpers"])
        given = {Role.CUSTOMER_ADMINISTRATOR: False, Role.READ_ONLY: True, Role.HELP_DESK: True}
        assert self.roles("eve@acme.test") == given
        visitor.sign_in(contoso, groups=["staff"])
        assert self.roles("eve@acme.test") == {Role.CUSTOMER_ADMINISTRATOR: False, Role.READ_ONLY: True}
        assert newest().after["roles_taken"] == ["Help desk"]
        visitor.sign_in(contoso, groups=["admins"])
        assert self.roles("eve@acme.test") == {Role.CUSTOMER_ADMINISTRATOR: False}

    def test_who_is_left_without_any_role_loses_it_and_stays_out(self, visitor, contoso):
        visitor.sign_in(contoso, sub="nina-1", email="nina@acme.test", groups=["staff"])
        visitor.client.post("/sign-in/logout/")
        answer = visitor.sign_in(contoso, sub="nina-1", email="nina@acme.test", groups=["other"])
        assert answer.status_code == 403
        assert "None of your groups gives you a role here." in answer.content.decode()
        assert self.roles("nina@acme.test") == {}
        assert not visitor.is_in
        assert newest().what == "Sign-in through an identity provider refused"

    def test_and_comes_back_with_the_group(self, visitor, contoso):
        for groups in (["staff"], [], ["helpers"]):
            visitor.sign_in(contoso, sub="nina-1", email="nina@acme.test", groups=groups)
        assert self.roles("nina@acme.test") == {Role.HELP_DESK: True}
        assert visitor.is_in

    def test_somebody_new_without_a_group_is_not_added(self, visitor, contoso):
        assert visitor.sign_in(contoso, sub="nina-1", email="nina@acme.test").status_code == 403
        assert not Administrator.objects.filter(email="nina@acme.test").exists()

    def test_groups_are_found_below_other_claims_too(self, cast, visitor, contoso):
        change_provider(actor=cast.system, provider=contoso, groups_claim="realm_access.roles")
        visitor.sign_in(contoso, sub="n", email="nina@acme.test", realm_access={"roles": ["helpers"]})
        assert self.roles("nina@acme.test") == {Role.HELP_DESK: True}


def test_nobody_new_is_added_unless_that_is_switched_on(visitor, contoso):
    answer = visitor.sign_in(contoso, sub="nina-1", email="nina@acme.test")
    assert "Nobody here has the address nina@acme.test." in answer.content.decode()
    assert not Administrator.objects.filter(email="nina@acme.test").exists()


def test_no_token_code_or_secret_stands_in_the_log_or_in_the_audit(caplog, visitor, contoso, eve):
    caplog.set_level(logging.DEBUG)
    visitor.sign_in(contoso)
    visitor.sign_in(contoso, nonce="wrong")
    written = caplog.text + str([vars(entry) for entry in AuditEntry.objects.all()])
    for secret in ("s3cret", "the-code", "eyJ", "Bearer"):
        assert secret not in written


@pytest.mark.parametrize("answers", [0, 1])
def test_a_service_that_does_not_answer_gets_a_page_that_says_so(visitor, contoso, eve, answers):
    asked = visitor.leave(contoso) if answers else {}
    visitor.forger.is_dead = True
    if answers:
        answer = visitor.come_back(contoso, asked["state"], id_token=visitor.forger.token(nonce=asked["nonce"]))
    else:
        answer = visitor.client.post(f"/sign-in/with/{contoso.key}/")
    assert answer.status_code == 400
    assert "does not answer" in answer.content.decode()


def test_the_page_that_people_keep_has_one_button(client, contoso):
    page = client.get(f"/sign-in/with/{contoso.key}/").content.decode()
    assert "Sign in with Contoso" in page
    assert "Acme" in page


@pytest.mark.parametrize("ending", ["", "callback/"])
def test_an_unknown_address_is_not_found(client, db, ending):
    assert client.get(f"/sign-in/with/unknown/{ending}").status_code == 404


def test_what_is_switched_off_leads_nowhere(cast, visitor, contoso, eve):
    change_provider(actor=cast.system, provider=contoso, is_enabled=False)
    assert visitor.client.post(f"/sign-in/with/{contoso.key}/").status_code == 404


def test_switching_it_off_ends_the_sessions(cast, visitor, contoso, eve):
    visitor.sign_in(contoso)
    change_provider(actor=cast.system, provider=contoso, is_enabled=False)
    assert not visitor.is_in


class TestTheAddressTells:
    """Where somebody signs in."""

    def test_an_address_without_a_password_leads_to_its_service(self, visitor, contoso):
        answer = visitor.client.post("/sign-in/login/", {"login": "Eve@ACME.test", "password": ""})
        assert visitor.asked(answer)["login_hint"] == "Eve@ACME.test"

    def test_any_other_address_is_asked_for_its_password(self, client, contoso):
        answer = client.post("/sign-in/login/", {"login": "eve@globex.test", "password": ""})
        assert "password" in answer.context["form"].errors

    def test_the_button_appears_while_somebody_types(self, client, contoso):
        assert "Sign in with Contoso" in client.get("/sign-in/where/?login=eve@acme.test").content.decode()
        assert "Sign in with" not in client.get("/sign-in/where/?login=eve@globex.test").content.decode()

    def test_a_password_may_still_be_used(self, client, contoso, eve):
        answer = client.post("/sign-in/login/", {"login": "eve@acme.test", "password": PASSWORD})
        assert answer.status_code == 302

    def test_a_domain_that_the_customer_has_lost_leads_nowhere(self, cast, client, contoso):
        cast.acme.domains.update(verified_at=None, proof="")
        assert "Sign in with" not in client.get("/sign-in/where/?login=eve@acme.test").content.decode()


class TestRequired:
    @pytest.fixture
    def contoso(self, cast, contoso):
        return change_provider(actor=cast.system, provider=contoso, is_required=True)

    def test_a_password_leads_there_instead_of_in(self, visitor, contoso, eve):
        answer = visitor.client.post("/sign-in/login/", {"login": "eve@acme.test", "password": PASSWORD})
        visitor.asked(answer)
        assert not visitor.is_in

    def test_a_wrong_password_tells_nothing(self, client, contoso, eve):
        answer = client.post("/sign-in/login/", {"login": "eve@acme.test", "password": "wrong"})
        assert answer.context["form"].non_field_errors() == ["Address and password do not match."]

    def test_through_the_service_people_get_in(self, visitor, contoso, eve):
        visitor.sign_in(contoso)
        assert visitor.is_in

    def test_who_has_roles_elsewhere_too_keeps_the_password(self, cast, client, contoso, eve):
        grant(eve, Role.READ_ONLY, tenant=cast.globex)
        answer = client.post("/sign-in/login/", {"login": "eve@acme.test", "password": PASSWORD})
        assert answer.status_code == 302

    def test_operators_break_the_glass_and_that_is_written_down(self, cast, client, forger):
        add_provider(actor=cast.system, owner=None, name="Staff", issuer=forger.url, is_required=True, **OIDC)
        answer = client.post("/sign-in/login/", {"login": "alice@panel.test", "password": PASSWORD})
        assert answer.status_code == 302
        assert newest().what == "Signed in past a required identity provider"
        closed = Client().post("/sign-in/login/", {"login": "bob@panel.test", "password": PASSWORD})
        assert "Taking you to Staff" in closed.content.decode()


@pytest.mark.parametrize("told", [(["pwd", "mfa"], 200), (["pwd", "otp"], 200), (["pwd"], 302)])
def test_a_second_factor_at_the_service_counts_if_it_says_so(cast, visitor, contoso, eve, told):
    methods, status = told
    SignInPolicy.objects.create(tenant=cast.acme, second_factor="all")
    visitor.sign_in(contoso, amr=methods)
    assert visitor.client.get(f"/t/{cast.acme.pk}/users/").status_code == status


@pytest.mark.parametrize("nonsense", ["\x00", "eve@\x00", "@"])
def test_nonsense_in_place_of_an_address_is_told_as_such(client, db, nonsense):
    assert client.get(reverse("single_sign_on_where"), {"login": nonsense}).status_code == 200
    assert client.post("/sign-in/login/", {"login": nonsense}).status_code == 200
