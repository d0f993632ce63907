"""Dangerous acts, for people whose session was begun at an identity provider: the proof comes from there."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from tests.cast import PASSWORD
from tests.signin.factors import too_late
from tests.single_sign_on.conftest import OIDC

from oxherd.accounts.commands import grant
from oxherd.accounts.models import Membership
from oxherd.accounts.states import Role
from oxherd.audit.models import AuditEntry
from oxherd.single_sign_on.commands import add_provider, change_provider
from oxherd.single_sign_on.models import IdentityProvider

HTMX = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": "http://testserver/account/"}
APP = "/account/app/"


@pytest.fixture
def ask(visitor, contoso, eve):
    """Eve has signed in at Contoso a while ago, and wants to set up an app: the question's address."""
    visitor.sign_in(contoso)
    too_late(visitor.client)
    return visitor.client.get(APP).url


def confirm(visitor, row, asked, **claims):
    said = {"nonce": asked["nonce"], "auth_time": int(time.time()), "email": "eve@acme.test"} | claims
    return visitor.come_back(row, asked["state"], id_token=visitor.forger.token(**said))


def leave(visitor, url, **sent):
    return visitor.asked(visitor.client.post(url, {"proof_elsewhere": "yes", **sent}))


def is_fresh(visitor):
    return visitor.client.get(APP).status_code == 200


def test_the_service_is_told_to_ask_again_and_then_the_page_comes_that_was_wanted(visitor, contoso, ask):
    assert "Confirm with Contoso" in visitor.client.get(ask).content.decode()
    asked = leave(visitor, ask)
    assert (asked["prompt"], asked["max_age"], asked["login_hint"]) == ("login", "0", "eve@acme.test")
    assert not is_fresh(visitor)
    answer = confirm(visitor, contoso, asked)
    assert (answer.status_code, answer.url) == (302, APP)
    assert is_fresh(visitor)
    entry = AuditEntry.objects.filter(action="identity:sign_in").latest("id")
    assert entry.after == {"mail": "eve@acme.test", "subject": "eve-1", "confirmed": True}


def test_in_the_dialog_the_browser_is_sent_there(visitor, contoso, ask):
    answer = visitor.client.post(ask, {"proof_elsewhere": "yes"}, headers=HTMX)
    assert answer.headers["HX-Redirect"].startswith(f"{visitor.forger.url}/authorize?")
    query = parse_qs(urlsplit(answer.headers["HX-Redirect"]).query)
    asked = {name: values[0] for name, values in query.items()}
    assert confirm(visitor, contoso, asked).url == APP


@pytest.mark.parametrize("told", [{"auth_time": 1}, {"auth_time": None}])
def test_a_service_that_did_not_ask_again_proves_nothing(visitor, contoso, ask, told):
    answer = confirm(visitor, contoso, leave(visitor, ask), **told)
    assert answer.status_code == 400
    assert "Contoso did not ask who you are again." in answer.content.decode()
    assert not is_fresh(visitor)


def test_an_answer_to_a_plain_sign_in_is_not_one_to_a_confirmation(visitor, contoso, ask):
    """Whoever sits at somebody's desk could begin a sign-in, where the service asks nothing, but not for the proof."""
    asked, plain = leave(visitor, ask), visitor.leave(contoso)
    answer = confirm(visitor, contoso, {**asked, "nonce": plain["nonce"]})
    assert "belongs to another sign-in" in answer.content.decode()


def test_somebody_else_there_confirms_nothing_and_is_not_signed_in(visitor, contoso, ask, eve):
    answer = confirm(visitor, contoso, leave(visitor, ask), sub="mallory", email="mallory@acme.test")
    assert "You signed in at Contoso as somebody else. Confirm as Eve." in answer.content.decode()
    assert not is_fresh(visitor)
    assert visitor.client.session["_auth_user_id"] == str(eve.pk)


def test_whoever_has_signed_out_meanwhile_is_not_signed_in_by_it(visitor, contoso, ask):
    asked = leave(visitor, ask)
    visitor.client.post("/sign-in/logout/")
    assert "was not begun in this browser" in confirm(visitor, contoso, asked).content.decode()
    assert not visitor.is_in


def test_a_session_that_was_begun_elsewhere_is_not_confirmed_there(visitor, contoso, ask):
    asked = leave(visitor, ask)
    session = visitor.client.session
    del session["identity_provider"]
    session.save()
    assert "You are not signed in here any more." in confirm(visitor, contoso, asked).content.decode()
    assert not is_fresh(visitor)


def test_whom_the_groups_leave_without_a_role_is_signed_out(cast, visitor, contoso, eve):
    change_provider(actor=cast.system, provider=contoso, group_roles=[("desk", Role.HELP_DESK)])
    Membership.objects.filter(administrator=eve).update(identity_provider=contoso, role=Role.HELP_DESK)
    visitor.sign_in(contoso, groups=["desk"])
    too_late(visitor.client)
    answer = confirm(visitor, contoso, leave(visitor, visitor.client.get(APP).url), groups=["other"])
    assert (answer.status_code, visitor.is_in) == (403, False)
    assert "None of your groups gives you a role here." in answer.content.decode()


class TestWhatWasTyped:
    @pytest.fixture
    def url(self, contoso):
        return f"/t/{contoso.tenant_id}/sign-in/add/oidc/"

    @pytest.fixture
    def sent(self, forger):
        named = {"name": "Second", "issuer": forger.url, "client_id": "x", "client_secret": "planted"}
        claims = {"mail_claim": "email", "name_claim": "name", "groups_claim": "groups", "scopes": "openid"}
        return {**named, **claims, "mail_domains": "", "group": ["desk", ""], "role": [Role.HELP_DESK, ""]}

    def test_waits_sealed_and_goes_on_after_the_proof(self, visitor, contoso, ask, url, sent):
        page = visitor.client.post(url, sent)
        assert "Confirm with Contoso" in page.content.decode()
        asked = visitor.asked(visitor.client.post(url, {**sent, "proof_elsewhere": "yes"}))
        assert "planted" not in str(dict(visitor.client.session))
        answer = confirm(visitor, contoso, asked)
        assert answer.url == "/account/confirm/done/"
        page = visitor.client.get(answer.url)
        assert page.context["action"] == url
        assert ["name", "Second"] in page.context["sent"]
        assert not any(name.startswith("proof_") for name, _ in page.context["sent"])
        again = {
            name: [value for key, value in page.context["sent"] if key == name] for name, _ in page.context["sent"]
        }
        assert visitor.client.post(url, again).status_code == 302
        second = IdentityProvider.objects.get(name="Second")
        assert [(row.group, row.role) for row in second.group_roles.all()] == [("desk", Role.HELP_DESK)]
        assert visitor.client.get(answer.url).url == "/account/"

    def test_is_not_shown_when_it_has_lain_too_long(self, visitor, contoso, ask, url, sent):
        visitor.client.post(url, {**sent, "proof_elsewhere": "yes"})
        session = visitor.client.session
        session["sent_before_proof"] |= {"at": time.time() - settings.PROOF_SECONDS - 1}
        session.save()
        assert visitor.client.get("/account/confirm/done/").url == "/account/"


def test_who_signed_in_by_password_is_not_offered_it(cast, client, contoso, eve):
    client = cast.client(eve)
    too_late(client)
    url = client.get(APP).url
    assert "Confirm with" not in client.get(url).content.decode()
    answer = client.post(url, {"proof_elsewhere": "yes"})
    assert answer.context["errors"] == {"elsewhere": "You did not sign in elsewhere."}


def test_a_service_that_is_dead_says_so_in_the_dialog_and_the_password_still_proves_it(visitor, contoso, ask, eve):
    visitor.forger.is_dead = True
    cache.clear()
    answer = visitor.client.post(ask, {"proof_elsewhere": "yes"})
    assert "does not answer" in answer.context["errors"]["elsewhere"]
    assert visitor.client.post(ask, {"proof_password": PASSWORD}).url == APP


def test_people_of_a_customer_confirm_at_the_service_of_the_provider(cast, visitor, forger, eve):
    """Of which they see nothing else."""
    staff = add_provider(actor=cast.system, owner=None, name="Staff", issuer=forger.url, **OIDC)
    grant(eve, Role.READ_ONLY, tenant=cast.globex)
    visitor.sign_in(staff)
    too_late(visitor.client)
    ask = visitor.client.get(APP).url
    assert "Confirm with Staff" in visitor.client.get(ask).content.decode()
    assert confirm(visitor, staff, leave(visitor, ask)).url == APP
