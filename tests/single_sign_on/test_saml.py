"""By SAML, with what an honest service says."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from lxml import etree
from tests.identity_provider.saml_forger import NAMES, assertion_of
from tests.single_sign_on.saml_visitor import SamlVisitor

from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Role
from oxherd.audit.models import AuditEntry
from oxherd.panel.single_sign_on import saml
from oxherd.single_sign_on.commands import change_provider
from oxherd.single_sign_on.faults import NotBelieved
from oxherd.single_sign_on.models import Identity, SpentAssertion


def test_the_service_is_asked_for_an_answer_to_our_address_whatever_a_proxy_makes_of_it(saml_visitor, fabrikam, eve):
    asked = saml_visitor.leave(fabrikam, login="eve@acme.test")
    assert saml_visitor.there.startswith("https://login.contoso.test/sso?SAMLRequest=")
    base = f"https://panel.oxherd.test/sign-in/with/{fabrikam.key}"
    assert (asked["acs"], asked["audience"]) == (f"{base}/answer/", f"{base}/metadata/")
    assert saml_visitor.request.get("Destination") == "https://login.contoso.test/sso"
    assert saml_visitor.request.get("ForceAuthn") is None


def test_an_address_of_the_service_may_have_a_query_of_its_own(cast, saml_visitor, fabrikam, saml_forger):
    saml_forger.sso_url = "https://login.contoso.test/sso?a=1&amp;b=2"
    change_provider(actor=cast.system, provider=fabrikam, metadata=saml_forger.metadata())
    saml_visitor.leave(fabrikam)
    assert saml_visitor.there.startswith("https://login.contoso.test/sso?a=1&b=2&SAMLRequest=")
    assert saml_visitor.request.get("Destination") == "https://login.contoso.test/sso?a=1&b=2"


def test_our_metadata_says_what_services_need(fabrikam):
    document = Client().get(f"/sign-in/with/{fabrikam.key}/metadata/")
    assert document["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(document.content)
    base = f"https://panel.oxherd.test/sign-in/with/{fabrikam.key}"
    names = {"md": "urn:oasis:names:tc:SAML:2.0:metadata"}
    described = root.find("md:SPSSODescriptor", names)
    assert (root.get("entityID"), described.get("WantAssertionsSigned")) == (f"{base}/metadata/", "true")
    assert described.find("md:AssertionConsumerService", names).get("Location") == f"{base}/answer/"


def test_somebody_whose_address_is_verified_gets_in_and_is_known_from_then_on(saml_visitor, fabrikam, eve):
    page = saml_visitor.sign_in(fabrikam, after=f"/t/{fabrikam.tenant_id}/users/")
    assert (page.status_code, page.url) == (302, f"/t/{fabrikam.tenant_id}/users/")
    assert saml_visitor.is_in
    assert Identity.objects.values_list("administrator", "subject", "mail").get() == (eve.pk, "eve-1", "eve@acme.test")
    again = saml_visitor.sign_in(fabrikam, attributes={"email": ["new.name@elsewhere.test"]})
    assert again.status_code == 302
    assert Identity.objects.count() == 1


def test_it_is_written_down_for_the_customer(saml_visitor, fabrikam, eve):
    saml_visitor.sign_in(fabrikam)
    entry = AuditEntry.objects.filter(action__startswith="identity:").latest("id")
    assert (entry.what, entry.tenant_id) == ("Signed in through an identity provider", fabrikam.tenant_id)
    assert entry.after == {"mail": "eve@acme.test", "subject": "eve-1", "bound": True}


def test_what_the_service_told_is_forgotten_once_it_has_been_used(saml_visitor, fabrikam, eve):
    saml_visitor.sign_in(fabrikam)
    kept = SpentAssertion.objects.get()
    assert kept.told is None
    SpentAssertion.objects.update(valid_until=datetime.now(UTC) - timedelta(seconds=1))
    saml_visitor.sign_in(fabrikam)
    assert SpentAssertion.objects.exclude(pk=kept.pk).count() == SpentAssertion.objects.count() == 1


def test_a_response_that_is_signed_as_well_is_fine(saml_visitor, fabrikam, eve, saml_forger):
    response = saml_forger.signed(saml_visitor.leave(fabrikam))
    saml_forger.sign(response)
    assert saml_visitor.answer(fabrikam, response).status_code == 302


def test_two_sign_ins_that_were_begun_at_once_both_come_back(saml_visitor, fabrikam, eve, saml_forger):
    first, second = saml_visitor.leave(fabrikam, next="/account/"), saml_visitor.leave(fabrikam)
    assert saml_visitor.answer(fabrikam, saml_forger.signed(second)).url == "/"
    assert saml_visitor.answer(fabrikam, saml_forger.signed(first)).url == "/account/"


def test_groups_give_and_take_roles_and_add_people(cast, saml_visitor, fabrikam):
    pairs = [("staff", Role.READ_ONLY), ("helpers", Role.HELP_DESK)]
    change_provider(actor=cast.system, provider=fabrikam, group_roles=pairs, creates_administrators=True)
    told = {"email": ["finn@acme.test"], "displayName": ["Finn"], "groups": ["staff", "helpers"]}
    assert saml_visitor.sign_in(fabrikam, name_id="finn", attributes=told).status_code == 302
    finn = Administrator.objects.get(email="finn@acme.test")
    roles = Membership.objects.filter(administrator=finn, tenant=cast.acme).order_by("role")
    assert [each.role for each in roles] == [Role.HELP_DESK, Role.READ_ONLY]
    saml_visitor.sign_in(fabrikam, name_id="finn", attributes=told | {"groups": ["staff"]})
    assert roles.get().role == Role.READ_ONLY


def test_an_address_counts_only_where_the_service_vouches_for_it_or_says_so(cast, saml_visitor, fabrikam, eve):
    change_provider(actor=cast.system, provider=fabrikam, vouches_for_mail=False)
    assert saml_visitor.sign_in(fabrikam).status_code == 403
    assert saml_visitor.sign_in(fabrikam, attributes={"email_verified": ["true"]}).status_code == 302


def test_an_address_may_be_the_name_itself(cast, saml_visitor, fabrikam, eve):
    change_provider(actor=cast.system, provider=fabrikam, mail_claim="NameID")
    assert (
        saml_visitor.sign_in(fabrikam, name_id="eve@acme.test", attributes={"email": ["x@y.test"]}).status_code == 302
    )


@pytest.mark.parametrize(
    ("said", "is_strong"),
    [
        ({}, False),
        ({"context": "https://refeds.org/profile/mfa"}, True),
        (
            {
                "attributes": {
                    "http://schemas.microsoft.com/claims/authnmethodsreferences": [
                        "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password",
                        "http://schemas.microsoft.com/claims/multipleauthn",
                    ]
                }
            },
            True,
        ),
    ],
)
def test_a_second_factor_counts_where_the_service_tells_of_it(saml_visitor, fabrikam, eve, said, is_strong):
    saml_visitor.sign_in(fabrikam, **said)
    assert saml_visitor.client.session["identity_provider"]["second_factor"] is is_strong


def test_a_person_who_cancels_there_is_told_so(saml_visitor, fabrikam):
    page = saml_visitor.sign_in(fabrikam, status="AuthnFailed")
    assert page.status_code == 400
    assert "You did not sign in at Fabrikam." in page.content.decode()


class TestBegunThere:
    def test_is_refused_as_long_as_it_is_not_allowed(self, saml_visitor, fabrikam, eve):
        page = saml_visitor.sign_in(fabrikam, answers="")
        assert page.status_code == 400
        assert "Sign-ins through Fabrikam begin here, not there." in page.content.decode()
        assert not saml_visitor.is_in

    @pytest.mark.usefixtures("eve")
    @pytest.mark.parametrize(
        "relayed", [("", "/"), ("/account/", "/account/"), ("https://evil.test/", "/"), ("//evil.test", "/")]
    )
    def test_leads_within_the_panel_where_it_is_allowed(self, cast, saml_visitor, fabrikam, relayed):
        change_provider(actor=cast.system, provider=fabrikam, allows_unasked=True)
        sent, led = relayed
        response = saml_visitor.forger.signed(saml_visitor.leave(fabrikam), answers="")
        page = saml_visitor.answer(fabrikam, response, RelayState=sent)
        assert (page.status_code, page.url) == (302, led)

    def test_cannot_be_opened_twice(self, cast, saml_visitor, fabrikam, eve):
        change_provider(actor=cast.system, provider=fabrikam, allows_unasked=True)
        saml_visitor.sign_in(fabrikam, answers="")
        other = SamlVisitor(saml_visitor.forger)
        page = other.client.get(saml_visitor.onward)
        assert page.status_code == 400
        assert not other.is_in


class TestATest:
    def test_works_while_it_is_off_and_shows_what_would_happen(self, cast, saml_visitor, fabrikam, eve):
        change_provider(actor=cast.system, provider=fabrikam, is_enabled=False)
        saml_visitor.client = cast.client(cast.bob)
        session = saml_visitor.client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(cast.bob.pk)
        session.save()
        begun = saml_visitor.client.post(f"/t/{cast.acme.pk}/sign-in/{fabrikam.pk}/test/", {"sign_in": "yes"})
        response = saml_visitor.forger.signed(saml_visitor.asked(begun))
        page = saml_visitor.answer(fabrikam, response).content.decode()
        assert "Eve (eve@acme.test) gets in." in page
        assert "AuthnContextClassRef" in page
        assert not Identity.objects.exists()

    def test_shows_a_stranger_nothing(self, cast, saml_visitor, fabrikam, eve):
        saml_visitor.client = cast.client(cast.charlie)
        assert saml_visitor.client.get(f"/t/{cast.acme.pk}/sign-in/{fabrikam.pk}/").status_code == 404


def test_a_person_who_is_to_prove_it_again_must_have_done_so_since(rf, fabrikam, saml_forger, db):
    """As for OpenID Connect: the service could answer from a session of yesterday."""
    visitor = SamlVisitor(saml_forger)
    for shown_at, is_believed in (("2020-01-01T00:00:00Z", False), (None, True)):
        request = rf.get("/")
        request.session = visitor.client.session
        visitor.there = saml.begin(request, fabrikam, purpose="confirm", after="/account/")
        asked = visitor.read()
        assert visitor.request.get("ForceAuthn") == "true"
        said = {"authenticated": shown_at} if shown_at else {}
        onward = visitor.post(fabrikam, saml_forger.signed(asked, **said)).url
        back = rf.get(onward)
        back.session = request.session
        if is_believed:
            way, claims = saml.come_back(back, fabrikam)
            assert (way.purpose, way.after, claims.subject) == ("confirm", "/account/", "eve-1")
        else:
            with pytest.raises(NotBelieved, match="did not ask who you are again"):
                saml.come_back(back, fabrikam)


def test_a_comment_in_a_name_cuts_nothing_off(saml_visitor, fabrikam, eve, saml_forger):
    """Readers that stop at the comment took eve-1 for somebody who is called eve-1.evil."""
    saml_visitor.sign_in(fabrikam)
    saml_visitor.client.post("/sign-in/logout/")
    response = saml_forger.response(
        saml_visitor.leave(fabrikam), name_id="eve-1<!-- -->.evil", attributes={"email": []}
    )
    saml_forger.sign(assertion_of(response))
    assert response.find(".//a:NameID", NAMES).text == "eve-1"
    assert saml_visitor.answer(fabrikam, response).status_code == 403
    assert not saml_visitor.is_in
