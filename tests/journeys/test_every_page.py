"""axe finds nothing on any page of the panel, in light and in dark. A page without a line here fails the last test.

Dialogs are pages of their own without script, and looked at as such; what only script shows is in test_accessibility.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Page
from tests.cast import NOBODY_THERE, PASSWORD, Cast
from tests.journeys import administrator_pages, app_password_pages, domain_pages, identity_providers, own_pages
from tests.journeys.administrator_pages import Staff, staff
from tests.journeys.conftest import World
from tests.journeys.own_pages import OFFER
from tests.rows import entries_of

from oxherd.adoption.models import Adoption
from oxherd.brands.commands import add_brand
from oxherd.brands.inquiries import Outcome, note
from oxherd.brands.models import Inquiry
from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import add_domain
from oxherd.drift.models import Comparison, Difference
from oxherd.forwarders.commands import ForwarderWish, add_forwarder
from oxherd.profiles.commands import add_profile
from oxherd.signin.factor_commands import add_passkey
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant

# Structure does not change with the colours.
COLOURS_ONLY = {"runOnly": ["color-contrast"]}


@dataclass(frozen=True, slots=True)
class Things:
    """What the pages are about."""

    tenant: int
    user: int  # with OX
    disabled: int
    gone: int  # recently removed
    group: int
    resource: int
    domain: int
    subdomain: int
    claim: int  # a domain that is not proved yet
    request: int
    adoptions: tuple[int, ...]  # a rehearsal that refuses some, and one that failed
    passkey: int  # of Alice, once she has signed in
    cloud: int  # a tenant of another brand, whose platform passes mail on
    forwarder: int  # of that tenant
    carried: int  # a tenant whose mail is carried here
    signed: int  # its domain, with a key in each state
    staff: Staff
    brands: tuple[int, ...]  # one with customers, and one that has just been added
    trial: int  # settings that do not work
    profiles: tuple[int, ...]  # one that users have, and one that nobody has
    identity_providers: dict[str, tuple[str, int]]  # by the level, each with key and id


Addresses = Callable[[Things], list[str]]


def at(name: str, *wishes: str, of: str = "tenant", **kwargs: Any) -> Callable[[Things], list[str]]:
    """The page of this name, once for each query; kwargs name things. of: whose page it is."""

    def addresses(things: Things) -> list[str]:
        values = {key: getattr(things, value) for key, value in kwargs.items()}
        url = reverse(name, kwargs={"tenant_id": getattr(things, of), **values})
        return [
            url + wish.format(**{field: getattr(things, field) for field in Things.__slots__})
            for wish in wishes or ("",)
        ]

    return addresses


PAGES: dict[str, dict[str, Addresses]] = {
    "users": {
        "customers": lambda _: ["/customers/", "/customers/?q=nobody"],
        "customers_usage": lambda _: ["/customers/usage/", "/customers/usage/?q=nobody"],
        "customer_add": lambda _: ["/customers/add/"],
        "adoptions": lambda _: ["/customers/adopt/"],
        "adoption_add": lambda _: ["/customers/adopt/add/"],
        "adoption": lambda things: [f"/customers/adopt/{pk}/" for pk in things.adoptions],
        "users": at("users", "", "?q=nobody"),
        "user_add": at("user_add"),
        "user": at("user", pk="user"),
        "users_remove": at("users_remove", "?user={user}&user={disabled}"),
        "user_person": at("user_person", pk="user"),
        "user_photo_change": at("user_photo_change", pk="user"),
        "user_password": at("user_password", pk="user"),
        **app_password_pages.PAGES,
        "user_remove": at("user_remove", pk="user"),
        "user_groups": at("user_groups", pk="user"),
        "user_rename": at("user_rename", pk="user"),
        "user_history": at("user_history", "", "?on=2100-01-01&with=2000-01-01", pk="user"),
    },
    "brands": {
        "brands": lambda _: ["/brands/", "/brands/?q=nobody"],
        "brand_add": lambda _: ["/brands/add/"],
        "brand_trial": lambda things: [f"/brands/test/{things.trial}/"],
        "brand": lambda things: [f"/brands/{pk}/" for pk in things.brands],
        "brand_edit": lambda things: [f"/brands/{pk}/edit/" for pk in things.brands],
        "brand_remove": lambda things: [f"/brands/{pk}/remove/" for pk in things.brands],
        "brand_profiles": lambda things: [f"/brands/{pk}/profiles/" for pk in things.brands],
        "brand_profile_add": lambda things: [f"/brands/{things.brands[0]}/profiles/add/"],
        "brand_upsell": lambda things: [f"/brands/{pk}/upsell/" for pk in things.brands],
        "brand_upsell_address": lambda things: [f"/brands/{things.brands[0]}/upsell/address/"],
        "brand_upsell_preview": lambda things: [f"/brands/{things.brands[0]}/upsell/preview/?missing=calendar"],
        "brand_look": lambda things: [f"/brands/{pk}/look/" for pk in things.brands],
        "brand_profile": lambda things: [f"/brands/{things.brands[0]}/profiles/{pk}/" for pk in things.profiles],
        "brand_profile_edit": lambda things: [f"/brands/{things.brands[0]}/profiles/{things.profiles[0]}/edit/"],
        "brand_profile_remove": lambda things: [
            f"/brands/{things.brands[0]}/profiles/{pk}/remove/" for pk in things.profiles
        ],
    },
    "subscriptions": {
        "overview": lambda things: [*at("overview")(things), *at("overview", of="cloud")(things)],
        "overview_stored": at("overview_stored"),
        "overview_seats": at("overview_seats"),
        "overview_limits": at("overview_limits"),
        "overview_name": at("overview_name"),
        "overview_self_service": at("overview_self_service"),
        "overview_suspend": at("overview_suspend"),
        "overview_remove": at("overview_remove"),
        "overview_delete": at("overview_delete"),
    },
    "administrators": administrator_pages.PAGES,
    "OX users": {
        "ox_users": at("ox_users", "?view=active", "?view=classic", "?q=nobody"),
        "ox_profile": at("ox_profile", "?user={user}"),
        "ox_disable": at("ox_disable", "?user={user}"),
        "ox_enable": at("ox_enable", pk="disabled"),
        "ox_enable_ticked": at("ox_enable_ticked", "?user={user}&user={disabled}"),
        "ox_edit": at("ox_edit", pk="user"),
    },
    "groups and resources": {
        "groups": at("groups", "", "?q=nobody"),
        "groups_remove": at("groups_remove", "?group={group}"),
        "group_add": at("group_add"),
        "group": at("group", pk="group"),
        "group_paste": at("group_paste", pk="group"),
        "group_changes": at("group_changes", pk="group"),
        "resources": at("resources", "", "?q=nobody"),
        "resources_remove": at("resources_remove", "?resource={resource}"),
        "resource_add": at("resource_add"),
        "resource": at("resource", pk="resource"),
    },
    "forwarders": {
        "forwarders": lambda things: [
            *at("forwarders", "", "?q=nobody", of="cloud")(things),
            *at("forwarders")(things),
        ],
        "forwarders_remove": at("forwarders_remove", "?forwarder={forwarder}", of="cloud"),
        "forwarder_add": at("forwarder_add", of="cloud"),
        "forwarder": at("forwarder", pk="forwarder", of="cloud"),
    },
    "single sign-on": identity_providers.PAGES,
    "audit and recently removed": {
        "audit": lambda _: ["/audit/", "/audit/?q=nobody"],
        "audit_entry": lambda _: [f"/audit/{pk}/" for pk in entries_of(None)],
        "tenant_audit": at("tenant_audit", "", "?q=anna&kind=serviceuser"),
        "tenant_audit_entry": lambda things: [f"/t/{things.tenant}/audit/{pk}/" for pk in entries_of(things.tenant)],
        "removed": at("removed", "", "?kind=group"),
        "removed_restore": at("removed_restore", "?item=user:{gone}"),
        "removed_delete": at("removed_delete", "?item=user:{gone}"),
    },
    "domains": {
        "domains": at("domains", "", "?q=nobody"),
        "domain_add": at("domain_add"),
        "domain_add_subdomain": at("domain_add_subdomain"),
        "domain": lambda things: [
            *at("domain", pk="domain")(things),
            *at("domain", pk="subdomain")(things),
            *at("domain", pk="claim")(things),
            *at("domain", of="carried", pk="signed")(things),
        ],
        "domain_dkim_rotate": at("domain_dkim_rotate", of="carried", pk="signed"),
        "domain_dkim_remove": at("domain_dkim_remove", of="carried", pk="signed"),
        "domain_dkim_stop": at("domain_dkim_stop", of="carried", pk="signed"),
        "domain_edit": at("domain_edit", pk="domain"),
        "domain_approve": at("domain_approve", pk="claim"),
        "domains_remove": at("domains_remove", "?domain={domain}", "?domain={domain}&subdomains=1", "?domain={claim}"),
    },
    "differences": {
        "ox_differences": at("ox_differences", "", "?q=nobody"),
        "ox_differences_repair": lambda things: [
            f"/t/{things.tenant}/ox/differences/repair/{way}/?all=yes" for way in ("to_ox", "from_ox")
        ],
    },
    "sign-in": {
        "own_enrol": lambda _: ["/account/second-factor/"],
        "sign_in_forgot": lambda _: ["/sign-in/forgot/"],
        "me_sign_in": lambda _: ["/me/sign-in/"],
    },
    "your account": {
        "own_account": lambda _: ["/account/"],
        "own_confirm": lambda _: ["/account/confirm/"],
        "own_address": lambda _: ["/account/email/"],
        "own_name": lambda _: ["/account/name/"],
        "own_password": lambda _: ["/account/password/"],
        "own_passkey_add": lambda _: ["/account/passkeys/add/"],
        "own_passkey": lambda things: [f"/account/passkeys/{things.passkey}/"],
        "own_passkey_remove": lambda things: [f"/account/passkeys/{things.passkey}/remove/"],
        "own_app": lambda _: ["/account/app/"],
        "own_app_remove": lambda _: ["/account/app/remove/"],
        "own_codes": lambda _: ["/account/codes/"],
    },
    "self-service": own_pages.PAGES,
    "purchase requests": {
        "ox_purchases": at("ox_purchases", "", "?state=all", "?q=nobody"),
        "ox_purchases_proceed": at("ox_purchases_proceed", "?request={request}"),
        "ox_purchases_reject": at("ox_purchases_reject", "?request={request}"),
        "upsell": lambda _: [f"/upsell/{OFFER}/?missing=calendar", f"/upsell/{OFFER}/?missing=guard"],
        "upsell_sent": lambda _: [f"/upsell/{OFFER}/sent/"],
    },
}
# Parts of pages, acts, downloads, and ways to other pages.
NO_PAGES = frozenset(
    """
    sign_in_passkey sign_in_passkey_options sign_in_second_options sign_in_start_over
    sign_in_reset_link own_address_link own_confirm_options own_confirmed own_passkey_options
    own_session_end own_sessions_end
    home tenant banners tenant_retry tenant_switcher options adoption_state adoption_begin
    users_progress user_status user_usage user_retry user_password_strength user_photo user_groups_leave
    user_add_login user_add_strength user_add_generate user_add_photo user_add_discard
    ox_users_progress ox_users_arrivals ox_retry ox_edit_ticked
    groups_progress groups_retry group_keep group_members group_status
    resources_progress resources_retry resource_status
    forwarders_progress forwarders_retry forwarder_status
    domain_catch_all domain_retry domain_status domain_check domain_zone domain_dkim_make
    domains_remove_dependants domains_remove_conflicts
    customer_add_discard customers_usage_export
    overview_state overview_resume overview_restore overview_export
    undo_act undo_entry undo_disable audit_export tenant_audit_export
    ox_differences_compare ox_differences_state ox_differences_progress ox_difference_retry ox_difference_photo
    upsell_style upsell_logo frame_enter aps
    brand_test brand_ask brand_connection brand_logo brand_combinations brand_profile_progress
    """.split()  # noqa: SIM905 - shorter than sixty quotation marks
)
# In test_accessibility, test_passkeys, test_administrators and test_customers.
ELSEWHERE = frozenset({"user_add_form", "user_add_summary", "customer_add_form", "customer_add_summary"}) | {
    *("mfa_authenticate", "sign_in_reset", "own_address_confirm", "invitation"),
}


@pytest.fixture
def things(world: World) -> Things:
    from oxherd.people.removal_commands import remove_user

    cast = world.cast
    anna, gloria, gerd = cast.user(ox=True), cast.user("Gloria Mendes"), cast.user("Gerd Gone", ox=True)
    remove_user(actor=cast.system, user=gerd)
    app_password_pages.give(cast, anna)
    _compared(cast.acme)
    return Things(
        tenant=cast.acme.pk,
        user=anna.pk,
        disabled=gloria.pk,
        gone=gerd.pk,
        group=cast.group("Sales", anna, address="sales@acme.test").pk,
        resource=cast.resource("Blue room", manager=anna).pk,
        domain=cast.acme.domains.get(name="acme.test").pk,
        subdomain=domain_pages.subdomain(cast),
        claim=domain_pages.claim(cast),
        request=own_pages.asked(cast).pk,
        adoptions=_adoptions(cast),
        passkey=0,
        identity_providers=identity_providers.set_up(cast),
        **_in_the_cloud(cast),
        **domain_pages.carried(cast),
        **_brands(cast),
        staff=staff(cast),
    )


def _passkey(cast: Cast) -> int:
    """With which Alice has to sign in from then on."""
    passkey, _ = add_passkey(actor=cast.actor(cast.alice), administrator=cast.alice, name="Key", credential={})
    return int(passkey.pk)


def _brands(cast: Cast) -> dict[str, Any]:
    """One that was tested, and one that is all new; settings that were tried in vain."""
    keys = {"api_url": NOBODY_THERE, "username": "dawn", "password": PASSWORD}
    lone = add_brand(actor=cast.system, name="Dawn", **keys)
    found = Outcome(((True, "The platform accepts the login and password."), (False, "OXUserService lacks change.")))
    note(actor=cast.system, brand=cast.brand, outcome=found)
    told = [{"ok": False, "sentence": "The platform does not accept the login or password of this brand."}]
    alice = {"requested_by": "Alice", "administrator_id": cast.alice.pk}
    trial = Inquiry.objects.create(is_trial=True, api_url=NOBODY_THERE, state="done", findings=told, **alice)
    extra = add_profile(actor=cast.system, brand=cast.brand, name="Extra", access_combination="our_gold", guard=True)
    pages = {"brands": (cast.brand.pk, lone.pk), "trial": trial.pk}
    return pages | {"profiles": (cast.groupware.pk, extra.pk)}


def _in_the_cloud(cast: Cast) -> dict[str, int]:
    """A customer of OX Cloud with a forwarder; nothing of it reaches the platform."""
    keys = {"api_url": NOBODY_THERE, "username": "north", "password": PASSWORD, "platform": PlatformKind.OX_CLOUD}
    brand = add_brand(actor=cast.system, name="North", **keys)
    tenant = add_tenant(actor=cast.system, brand=brand, name="Initech")
    add_domain(actor=cast.system, tenant=tenant, name="initech.test")
    wish = ForwarderWish("info@initech.test", ("press@agency.test", "news@agency.test"))
    forwarder = add_forwarder(actor=cast.system, tenant=tenant, wish=wish)
    return {"cloud": tenant.pk, "forwarder": forwarder.pk}


def _compared(tenant: Tenant) -> None:
    """A comparison that has found one difference of each kind."""
    done = Comparison.objects.create(tenant=tenant, state="done", finished_at=timezone.now(), counts={"user": {"x": 3}})
    for kind, here, there in (
        ("different", {"surname": "Becker", "language": "de_DE"}, {"surname": "Bäcker", "language": "fr_FR"}),
        ("missing", {"name": "bert"}, {}),
        ("stranger", {}, {"name": "eve", "left_behind": True}),
    ):
        Difference.objects.create(
            comparison=done, object_kind="user", kind=kind, name=f"User {kind}", sort_name=kind, here=here, there=there
        )


def _adoptions(cast: Cast) -> tuple[int, ...]:
    report = {
        "taken": {"user": 2, "domain": 1},
        "known": 1,
        "profiles": ["webmail, Drive 1,000 MB"],
        "refused": [["user", "Eve Adler", "There is no time zone Mars/Olympus."]],
        "more": 3,
    }
    kept = {"brand": cast.brand, "context": "acme", "requested_by": "Alice"}
    done = Adoption.objects.create(**kept, state="done", report=report)
    failed = Adoption.objects.create(**kept, state="failed", sentence="The platform has no context acme.")
    return done.pk, failed.pk


@pytest.mark.parametrize("part", PAGES)
def test_no_page_has_a_barrier_that_axe_knows(world: World, page: Page, things: Things, part: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    world.sign_in(page, "alice")
    page.get_by_role("heading", name="Customers").wait_for()
    if part == "your account":
        things = replace(things, passkey=_passkey(world.cast))
    if part == "self-service":
        own_pages.open_the_door(world.cast, page, world.url)
    found = {}
    for addresses in PAGES[part].values():
        for address in addresses(things):
            answer = page.goto(world.url + address)
            assert answer is not None
            assert answer.status == 200, address
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                for violation in violations(page, colours_only=scheme == "dark"):
                    found.setdefault(f"{address}, {scheme}", []).append(violation)
    assert found == {}


def violations(page: Page, *, colours_only: bool) -> Iterator[str]:
    answer = Axe().run(page, options=COLOURS_ONLY if colours_only else None).response
    for violation in answer["violations"]:
        yield from (f"{violation['id']}: {node['html'][:160]}" for node in violation["nodes"])


def names_in(patterns: Any) -> Iterator[str]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names_in(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_every_page_is_in_the_table() -> None:
    ours = {name for name in names_in(get_resolver().url_patterns) if not name.startswith("account_")}
    looked_at = {name for part in PAGES.values() for name in part}
    assert (
        ours
        == looked_at
        | NO_PAGES
        | administrator_pages.NO_PAGES
        | ELSEWHERE
        | identity_providers.NO_PAGES
        | own_pages.NO_PAGES
    )
