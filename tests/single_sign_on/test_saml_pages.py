"""Setting SAML up in the panel, and reading the metadata of services."""

import pytest
from django.test import Client
from tests.cast import Cast
from tests.identity_provider.saml_forger import SamlForger, new_pair
from tests.single_sign_on.test_pages import base, signed_in

from oxherd.errors import Refused
from oxherd.single_sign_on import metadata
from oxherd.single_sign_on.commands import change_provider
from oxherd.single_sign_on.models import Identity, IdentityProvider


@pytest.fixture
def bob(cast: Cast) -> Client:
    return signed_in(cast, cast.bob)


@pytest.fixture
def sent(saml_forger: SamlForger) -> dict[str, object]:
    return {
        "key": "abcdefgh-_123456",
        "name": "Fabrikam",
        "metadata": saml_forger.metadata(),
        "mail_domains": "acme.test",
        "mail_claim": "email",
        "name_claim": "displayName",
        "groups_claim": "groups",
        "vouches_for_mail": "on",
        "is_enabled": "on",
    }


def findings(page) -> list[tuple[str, str]]:
    return [(each.tone, each.sentence) for each in page.context["findings"]]


def test_a_customer_sets_one_up_with_the_addresses_that_were_shown(cast, bob, sent, saml_forger):
    form = bob.get(f"{base(cast)}add/saml/").content.decode()
    assert "/answer/" in form
    assert "/metadata/" in form
    answer = bob.post(f"{base(cast)}add/saml/", sent)
    row = IdentityProvider.objects.get()
    assert answer.url == f"{base(cast)}{row.pk}/"
    assert (row.entity_id, row.sso_url) == (saml_forger.entity_id, saml_forger.sso_url)
    assert row.certificates == [saml_forger.pair.bare]
    page = bob.get(answer.url).content.decode()
    assert f"https://panel.oxherd.test/sign-in/with/{row.key}/answer/" in page
    assert saml_forger.entity_id in page
    assert bob.get(f"{base(cast)}{row.pk}/edit/").status_code == 200


def test_a_stranger_finds_nothing(cast, fabrikam):
    charlie = signed_in(cast, cast.charlie)
    for path in ("add/saml/", f"{fabrikam.pk}/", f"{fabrikam.pk}/edit/"):
        assert charlie.get(base(cast) + path).status_code == 404
    assert charlie.post(f"{base(cast)}{fabrikam.pk}/test/").status_code == 404


@pytest.mark.parametrize(
    "told",
    [
        ("metadata", "", "metadata_url", "Give the address of the metadata, or the metadata itself."),
        ("metadata", "<a/>", "metadata", "This is not the metadata of a SAML identity provider."),
        ("metadata", "nonsense", "metadata", "This is not the metadata of a SAML identity provider."),
        ("metadata_url", "http://login.contoso.test", "metadata_url", "Only https:// is safe for signing in."),
        ("metadata_url", "https://10.0.0.1/", "metadata_url", "10.0.0.1 is an address inside a network"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(cast, bob, sent, told):
    name, value, field, sentence = told
    answer = bob.post(f"{base(cast)}add/saml/", {**sent, name: value})
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert not IdentityProvider.objects.exists()


class TestMetadataByItsAddress:
    @pytest.fixture
    def url(self, forger, saml_forger):
        forger.raw["/metadata"] = saml_forger.metadata()
        return f"{forger.url}/metadata"

    @pytest.fixture
    def row(self, cast, bob, sent, url):
        bob.post(f"{base(cast)}add/saml/", {**sent, "metadata": "", "metadata_url": url})
        return IdentityProvider.objects.get()

    def test_is_read_when_it_is_saved(self, row, saml_forger):
        assert (row.entity_id, row.certificates) == (saml_forger.entity_id, [saml_forger.pair.bare])

    def test_is_read_again_with_each_test_and_brings_new_certificates(self, cast, bob, row, forger, saml_forger):
        new = new_pair()
        forger.raw["/metadata"] = saml_forger.metadata(pairs=[saml_forger.pair, new])
        page = bob.post(f"{base(cast)}{row.pk}/test/")
        assert [tone for tone, _ in findings(page)] == ["green", "green", "green"]
        row.refresh_from_db()
        assert row.certificates == [saml_forger.pair.bare, new.bare]

    def test_of_another_service_is_not_taken_over_by_a_test(self, bob, row, forger, eve):
        entity_id = row.entity_id
        Identity.objects.create(identity_provider=row, administrator=eve, subject="eve-1", mail=eve.email)
        forger.raw["/metadata"] = SamlForger(entity_id="https://evil.test/", pair=new_pair()).metadata()
        page = bob.post(f"/t/{row.tenant_id}/sign-in/{row.pk}/test/")
        assert findings(page)[0][0] == "red"
        assert "another service, https://evil.test/" in findings(page)[0][1]
        row.refresh_from_db()
        assert (row.entity_id, row.identities.count()) == (entity_id, 1)

    def test_that_does_not_come_is_told_and_what_is_known_stays(self, cast, bob, row, forger, saml_forger):
        forger.is_dead = True
        page = bob.post(f"{base(cast)}{row.pk}/test/")
        assert findings(page)[0] == ("red", "There is no answer from this address.")
        row.refresh_from_db()
        assert row.certificates == [saml_forger.pair.bare]


def test_a_test_tells_when_certificates_end(cast, bob, fabrikam, saml_forger):
    pairs = [new_pair(days) for days in (-1, 20, 200)]
    change_provider(actor=cast.system, provider=fabrikam, metadata=saml_forger.metadata(pairs=pairs))
    found = findings(bob.post(f"{base(cast)}{fabrikam.pk}/test/"))
    assert [tone for tone, _ in found] == ["green", "red", "amber", "green"]


def test_another_service_knows_nobody_yet(cast, fabrikam, eve):
    Identity.objects.create(identity_provider=fabrikam, administrator=eve, subject="eve-1", mail=eve.email)
    other = SamlForger(entity_id="https://other.test/", pair=new_pair())
    change_provider(actor=cast.system, provider=fabrikam, metadata=other.metadata())
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda xml: f'<!DOCTYPE a [<!ENTITY b "c">]>{xml}', "declares a document type"),
        (lambda xml: xml.replace("HTTP-Redirect", "HTTP-POST"), "names no address for signing in by redirect"),
        (lambda xml: xml[: xml.index("<KeyDescriptor")] + xml[xml.index("<SingleSign") :], "holds no certificate"),
        (lambda xml: xml.replace("<X509Certificate>", "<X509Certificate>AAAA"), "cannot be read"),
        (lambda xml: f'<E xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{xml}{xml}</E>', "several identity providers"),
        (lambda xml: xml + " " * metadata.LARGEST_METADATA, "longer than"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused_with_the_reason(saml_forger, change, sentence):
    with pytest.raises(Refused, match=sentence):
        metadata.read(change(saml_forger.metadata()))
