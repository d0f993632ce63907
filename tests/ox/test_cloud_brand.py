"""What a brand of OX Cloud may do for itself, its shared domains, and sessions of its users."""

from dataclasses import replace

import pytest
from tests.ox.cloud import ANNA_IN_THE_CLOUD as ANNA
from tests.ox.cloud import cloud_connection
from tests.ox.conftest import ACME, ADMIN

from oxherd.errors import PlatformMisconfigured, PlatformRefused, PlatformUnreachable
from oxherd.ox.interface import ContextAccess, UserChange, platform_for
from oxherd.sandbox.mischief import Action, Rule
from oxherd.sandbox.seed import plant

SEED = """
brands:
  - {name: north, password: north-secret, display_name: North, limits: {Subadmin.MaxContext: "100"}}
  - {name: south, password: south-secret}
"""


@pytest.fixture
def api():
    """By what users go; tests that hold for both say so by `@by_either`."""
    return "soap"


by_either = pytest.mark.parametrize("api", ["soap", "cloud_api"])


@pytest.fixture
def platform(sandbox, tmp_path, api):
    path = tmp_path / "brands.yaml"
    path.write_text(SEED)
    plant(sandbox.platform, path)
    return platform_for(cloud_connection(sandbox.url, api=api))


@pytest.fixture
def acme(platform):
    made = platform.create_context(None, ACME, ADMIN, "cloud_pim")
    return ContextAccess(made.context_id, "nobody", "needs this")


def test_a_brand_reads_its_own_account(platform, sandbox):
    own = platform.own_account()
    assert (own.login, own.display_name, own.most_contexts, own.most_users) == ("north", "North", 100, None)
    assert own.configuration == {}
    south = platform_for(cloud_connection(sandbox.url, "south", "south-secret")).own_account()
    assert (south.most_contexts, south.most_users) == (None, None)


def test_a_brand_sets_properties_for_its_users_and_forgets_them(platform):
    platform.configure({"com.openexchange.upsell/url": "https://panel.example/", "io.ox/x": "1"})
    assert platform.own_account().configuration == {
        "com.openexchange.upsell/url": "https://panel.example/",
        "io.ox/x": "1",
    }
    platform.configure({}, forget=["io.ox/x"])
    assert list(platform.own_account().configuration) == ["com.openexchange.upsell/url"]


def test_the_check_tells_the_limits_of_the_brand(platform, sandbox):
    report = platform.check()
    assert report.ok
    assert report.findings[-1].sentence == "The platform lets this brand have 100 customers and any number of users."
    sandbox.platform.mischief.add(Rule(Action.REFUSE, {"operation": "getSelfData"}))
    report = platform.check()
    assert (report.ok, report.findings[-1].sentence) == (True, "The platform does not tell the limits of this brand.")


def test_a_wrong_password_reads_no_account(sandbox, platform):
    with pytest.raises(PlatformMisconfigured):
        platform_for(cloud_connection(sandbox.url, password="wrong")).own_account()


def test_a_limit_that_is_no_number_is_not_understood(platform, sandbox, tmp_path):
    with sandbox.platform.store.writing() as db:
        db.execute("""UPDATE reseller SET restrictions = '{"Subadmin.MaxContext": "many"}' WHERE name = 'north'""")
    with pytest.raises(PlatformUnreachable):
        platform.own_account()


@by_either
def test_a_domain_is_shared_by_contexts_of_a_brand_until_it_is_not(platform):
    platform.share_domain("shared.example")
    platform.share_domain("shared.example")
    assert platform.shared_domains() == ("shared.example",)
    platform.unshare_domain("shared.example")
    platform.unshare_domain("shared.example")
    assert platform.shared_domains() == ()


@by_either
def test_a_domain_of_another_brand_is_not_shared(platform, acme, sandbox, api):
    platform.create_user(acme, ANNA)
    platform.share_domain("acme.test")
    south = platform_for(cloud_connection(sandbox.url, "south", "south-secret", api=api))
    with pytest.raises(PlatformRefused):
        south.share_domain("acme.test")


@by_either
def test_who_is_locked_out_is_signed_out(platform, acme, sandbox):
    anna = platform.create_user(acme, ANNA)
    ben = platform.create_user(
        acme,
        replace(
            ANNA,
            name="ben@acme.test",
            display_name="Ben",
            primary_address="ben@acme.test",
            aliases=("ben@acme.test",),
            marker="account-2",
        ),
    )
    sessions = sandbox.platform.sessions
    of_anna, of_ben = (sessions.open(acme.context_id, ox_id).id for ox_id in (anna, ben))
    platform.change_user(acme, anna, UserChange(mail_enabled=False))
    assert [sessions.find(each) is not None for each in (of_anna, of_ben)] == [False, True]
    platform.end_sessions(acme)
    assert sessions.find(of_ben) is None
