"""Forged answers of SAML services: each must end at the wall that is meant for it."""

import base64
from copy import deepcopy
from datetime import timedelta

import pytest
from lxml import etree
from tests.identity_provider.saml_forger import NAMES, assertion_of, new_pair, sent
from tests.single_sign_on.conftest import OIDC
from tests.single_sign_on.saml_visitor import SamlVisitor

from oxherd.single_sign_on.commands import add_provider
from oxherd.single_sign_on.models import Identity, SpentAssertion
from oxherd.single_sign_on.states import Kind

pytestmark = pytest.mark.usefixtures("eve")
LONG_AGO = timedelta(minutes=-12)
SOON = timedelta(minutes=4)


def is_out(visitor, page, why: str, caplog) -> bool:
    """why: the reason in the log; the page tells nobody how near they were."""
    assert page.status_code == 400, page.content.decode()
    assert why.lower() in caplog.text.lower(), caplog.text
    return not visitor.is_in and not Identity.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        ({"audience": "https://other.test/"}, "is not a valid audience"),
        ({"audience": ""}, "audiences []"),
        ({"recipient": "https://other.test/answer/"}, "valid SubjectConfirmation was not found"),
        ({"destination": "https://other.test/answer/"}, "instead of https://other.test"),
        ({"issuer": "https://other.test/saml"}, "Invalid issuer"),
        ({"later": LONG_AGO}, "expired"),
        ({"later": LONG_AGO, "until": "2999-01-01T00:00:00Z"}, "issued"),
        ({"later": SOON}, "not before"),
        ({"answers": "_another"}, "unknown InResponseTo"),
        ({"confirms": ""}, "no bearer is confirmed"),
        ({"confirms": ' InResponseTo="_another"'}, "valid SubjectConfirmation was not found"),
        ({"answers": "", "confirms": ' InResponseTo="_another"'}, "no bearer is confirmed"),
        ({"name_id": ""}, "NameID"),
        ({"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, "transient"),
    ],
)
def test_what_was_said_for_somebody_or_some_time_else_counts_for_nothing(saml_visitor, fabrikam, caplog, said):
    words, why = said
    assert is_out(saml_visitor, saml_visitor.sign_in(fabrikam, **words), why, caplog)


def test_a_recipient_and_a_destination_are_ours_whole(saml_visitor, fabrikam, caplog):
    """python3-saml takes those that contain ours, or begin with it."""
    asked = saml_visitor.leave(fabrikam)
    for said in ({"recipient": f"https://evil.test/?{asked['acs']}"}, {"destination": f"{asked['acs']}evil"}):
        page = saml_visitor.answer(fabrikam, saml_visitor.forger.signed(asked, **said))
        assert is_out(saml_visitor, page, "no bearer" if "recipient" in said else "destination", caplog)


class TestASignature:
    def test_is_needed(self, saml_visitor, fabrikam, caplog):
        response = saml_visitor.forger.response(saml_visitor.leave(fabrikam))
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "not signed", caplog)

    def test_of_the_response_alone_is_not_one_of_the_assertion(self, saml_visitor, fabrikam, caplog, saml_forger):
        response = saml_forger.response(saml_visitor.leave(fabrikam))
        saml_forger.sign(response)
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "not signed", caplog)

    def test_with_another_key_counts_for_nothing_though_its_certificate_comes_along(
        self, saml_visitor, fabrikam, caplog, saml_forger
    ):
        response = saml_forger.response(saml_visitor.leave(fabrikam))
        saml_forger.sign(assertion_of(response), pair=new_pair())
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "Signature validation failed", caplog)

    def test_by_sha_1_counts_for_nothing(self, saml_visitor, fabrikam, caplog, saml_forger):
        response = saml_forger.response(saml_visitor.leave(fabrikam))
        saml_forger.sign(assertion_of(response), sha1=True)
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "deprecated", caplog)

    def test_with_the_public_certificate_as_a_shared_secret_counts_for_nothing(
        self, saml_visitor, fabrikam, caplog, saml_forger
    ):
        response = saml_forger.signed(saml_visitor.leave(fabrikam))
        method = response.find(".//ds:SignatureMethod", NAMES)
        method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "Signature validation failed", caplog)

    @pytest.mark.parametrize(
        "path", [".//a:NameID", ".//a:Audience", './/a:Attribute[@Name="email"]/a:AttributeValue', ".//a:Issuer"]
    )
    def test_breaks_with_any_change(self, saml_visitor, fabrikam, caplog, saml_forger, path):
        response = saml_forger.signed(saml_visitor.leave(fabrikam))
        node = assertion_of(response).find(path, NAMES)
        node.text += "x"
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "failed:", caplog)

    def test_is_of_what_is_read(self, saml_visitor, fabrikam, caplog, saml_forger):
        """The signed assertion moved aside, a forged one in its place (signature wrapping, XSW 1 to 8)."""
        asked = saml_visitor.leave(fabrikam)
        for wrap in WRAPS:
            response = saml_forger.signed(asked, name_id="mallory", attributes={"email": ["mallory@acme.test"]})
            wrap(response)
            assert is_out(saml_visitor, saml_visitor.answer(fabrikam, response), "failed:", caplog), wrap.__name__


def forged(response: etree._Element) -> tuple[etree._Element, etree._Element]:
    """The assertion that was signed, and one like it that says another name, without signature."""
    signed = assertion_of(response)
    evil = deepcopy(signed)
    evil.set("ID", "_evil")
    evil.remove(evil.find("ds:Signature", NAMES))
    evil.find(".//a:NameID", NAMES).text = "eve-1"
    evil.find('.//a:Attribute[@Name="email"]/a:AttributeValue', NAMES).text = "eve@acme.test"
    return signed, evil


def beside(response: etree._Element) -> None:
    signed, evil = forged(response)
    signed.addprevious(evil)


def behind(response: etree._Element) -> None:
    signed, evil = forged(response)
    signed.addnext(evil)


def around(response: etree._Element) -> None:
    signed, evil = forged(response)
    response.replace(signed, evil)
    evil.append(signed)


def in_extensions(response: etree._Element) -> None:
    signed, evil = forged(response)
    response.replace(signed, evil)
    extensions = etree.Element(f"{{{NAMES['p']}}}Extensions")
    extensions.append(signed)
    response.insert(1, extensions)


def in_an_object_of_its_signature(response: etree._Element) -> None:
    signed, evil = forged(response)
    response.replace(signed, evil)
    signature = signed.find("ds:Signature", NAMES)
    signed.remove(signature)
    evil.insert(1, signature)
    etree.SubElement(signature, f"{{{NAMES['ds']}}}Object").append(signed)


def in_an_object_with_its_id(response: etree._Element) -> None:
    in_an_object_of_its_signature(response)
    inner = response.find(".//ds:Object/a:Assertion", NAMES)
    assertion_of(response).set("ID", inner.get("ID"))


def signature_on_the_response(response: etree._Element) -> None:
    signed, evil = forged(response)
    response.replace(signed, evil)
    response.insert(1, signed.find("ds:Signature", NAMES))
    etree.SubElement(response.find("ds:Signature", NAMES), f"{{{NAMES['ds']}}}Object").append(signed)


def in_a_response_of_its_own(response: etree._Element) -> None:
    inner = deepcopy(response)
    signed, evil = forged(response)
    response.replace(signed, evil)
    extensions = etree.Element(f"{{{NAMES['p']}}}Extensions")
    extensions.append(inner)
    response.insert(1, extensions)


WRAPS = (
    beside,
    behind,
    around,
    in_extensions,
    in_an_object_of_its_signature,
    in_an_object_with_its_id,
    signature_on_the_response,
    in_a_response_of_its_own,
)


class TestAnAnswer:
    def test_is_taken_once(self, saml_visitor, fabrikam, caplog, saml_forger):
        response = saml_forger.signed(saml_visitor.leave(fabrikam))
        saml_visitor.answer(fabrikam, response)
        other = SamlVisitor(saml_forger)
        page = other.answer(fabrikam, response)
        assert page.status_code == 400
        assert "This answer was used already." in page.content.decode()
        assert not other.is_in
        assert SpentAssertion.objects.count() == 1

    def test_of_somebody_else_signs_nobody_in(self, saml_visitor, fabrikam, caplog, saml_forger):
        """Login CSRF: Mallory begins, signs in as Mallory, and has Eve's browser post the answer."""
        mallory = SamlVisitor(saml_forger)
        saml_visitor.leave(fabrikam)
        page = saml_visitor.answer(fabrikam, saml_forger.signed(mallory.leave(fabrikam)))
        assert is_out(saml_visitor, page, "unknown InResponseTo", caplog)

    def test_must_be_fetched_by_the_browser_that_asked_and_in_time(self, saml_visitor, fabrikam, caplog, monkeypatch):
        monkeypatch.setattr("oxherd.panel.single_sign_on.saml.PASS_SECONDS", -1)
        assert is_out(saml_visitor, saml_visitor.sign_in(fabrikam), "no valid pass", caplog)

    def test_for_a_request_that_was_begun_too_long_ago_is_refused(self, saml_visitor, fabrikam, caplog):
        asked = saml_visitor.leave(fabrikam)
        session = saml_visitor.client.session
        session["saml_begun"][asked["id"]][3] -= 16 * 60
        session.save()
        page = saml_visitor.answer(fabrikam, saml_visitor.forger.signed(asked))
        assert is_out(saml_visitor, page, "unknown InResponseTo", caplog)

    def test_to_the_request_of_another_identity_provider_is_refused(
        self, cast, saml_visitor, fabrikam, caplog, saml_forger
    ):
        """Globex's own service answers what Acme's was asked."""
        theirs = add_provider(
            actor=cast.system, owner=cast.globex, kind=Kind.SAML, name="Theirs", metadata=saml_forger.metadata()
        )
        asked = saml_visitor.leave(fabrikam)
        other = {name: value.replace(fabrikam.key, theirs.key) for name, value in asked.items()}
        page = saml_visitor.answer(theirs, saml_forger.signed(other))
        assert is_out(saml_visitor, page, "unknown InResponseTo", caplog)
        page = saml_visitor.answer(theirs, saml_forger.signed(asked))
        assert is_out(saml_visitor, page, "valid", caplog)

    @pytest.mark.parametrize(
        "head",
        [
            '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/r.dtd">',
            "<!-- --><!doctype r>",
        ],
    )
    def test_with_a_document_type_is_not_read(self, saml_visitor, fabrikam, caplog, head):
        response = etree.tostring(saml_visitor.forger.signed(saml_visitor.leave(fabrikam)))
        page = saml_visitor.answer(fabrikam, sent(head.encode() + response))
        assert is_out(saml_visitor, page, "cannot be read", caplog)

    def test_cannot_hide_a_document_type_in_another_encoding(self, saml_visitor, fabrikam, caplog):
        text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>'
        page = saml_visitor.answer(fabrikam, base64.b64encode(text.encode("utf-16")).decode())
        assert is_out(saml_visitor, page, "cannot be read", caplog)

    @pytest.mark.parametrize("body", ["", "%%%", "AAAA", base64.b64encode(b"<r/>").decode(), "A" * 300_001])
    def test_that_is_none_is_refused(self, saml_visitor, fabrikam, caplog, body):
        saml_visitor.leave(fabrikam)
        assert is_out(saml_visitor, saml_visitor.answer(fabrikam, body), "is not valid", caplog)

    def test_that_is_encrypted_is_explained(self, saml_visitor, fabrikam, saml_forger):
        response = saml_forger.response(saml_visitor.leave(fabrikam))
        response.replace(assertion_of(response), etree.Element(f"{{{NAMES['a']}}}EncryptedAssertion"))
        page = saml_visitor.answer(fabrikam, response)
        assert "Fabrikam encrypts its assertions" in page.content.decode()


def test_an_address_of_saml_is_none_of_openid_connect(cast, saml_visitor, fabrikam):
    contoso = add_provider(
        actor=cast.system, owner=cast.globex, name="Contoso", issuer="https://a.test", **OIDC | {"is_enabled": False}
    )
    assert saml_visitor.client.post(f"/sign-in/with/{contoso.key}/answer/").status_code == 404
    assert saml_visitor.client.get(f"/sign-in/with/{contoso.key}/metadata/").status_code == 404
    assert saml_visitor.client.get(f"/sign-in/with/{fabrikam.key}/answer/").status_code == 405
    assert saml_visitor.client.get(f"/sign-in/with/{fabrikam.key}/callback/", {"code": "x"}).status_code == 400
