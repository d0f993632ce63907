"""The pages of a service user, and how one gets there."""

from typing import Any

from playwright.sync_api import Page
from tests.cast import PASSWORD, Cast
from tests.journeys import app_password_pages

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand
from oxherd.brands.upsell_commands import change_upsell
from oxherd.people.models import OxAccount
from oxherd.people.ox_commands import change_profile
from oxherd.purchases.commands import Wish, ask
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants.commands import switch_self_service

PAGES: dict[str, Any] = {
    "me": lambda _: ["/me/"],
    "me_password": lambda _: ["/me/password/"],
    **app_password_pages.OWN,
    "me_photo_change": lambda _: ["/me/photo/"],
    "me_upgrade": lambda _: ["/me/upgrade/"],
}
NO_PAGES = frozenset({"me_sign_out", "me_usage", "me_photo", "me_logo", "me_style"})
OFFER = "the-offer"  # its key


def asked(cast: Cast) -> PurchaseRequest:
    """Somebody with the profile Mail who wants more."""
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="https://webmail.test/appsuite/", colour="#ffcc00")
    change_upsell(actor=cast.system, brand=cast.brand, key=OFFER)
    ben = cast.user("Ben Oak", ox=True)
    app_password_pages.give(cast, ben)
    change_profile(actor=cast.system, users=[ben], profile=cast.mail)
    account = OxAccount.objects.select_related("user__tenant", "profile").get(user=ben)
    wish = Wish(cast.groupware, message="Please! " * 30)
    return ask(actor=Actor("Ben Oak", Door.APP_SUITE), account=account, wish=wish)


def open_the_door(cast: Cast, page: Page, url: str) -> None:
    """Ben, who has asked for an upgrade, signs in beside the administrator."""
    switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    sign_in(page, url, "ben.oak@acme.test")
    page.get_by_role("heading", name="Ben Oak").wait_for()


def sign_in(page: Page, url: str, login: str, password: str = PASSWORD) -> None:
    """By the form, as a person does."""
    page.goto(f"{url}/me/")
    page.get_by_label("Login or mail address").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
