from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from tests.cast import PASSWORD, Cast
from tests.rows import everything, last_entry, refused
from tests.signin.factors import give_app

from oxherd.accounts.commands import grant
from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Role
from oxherd.errors import NotAllowed, NotYours
from oxherd.signin import links
from oxherd.signin import recovery_commands as commands
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.signin.states import LinkKind

NEW = "a wholly different staple"


def link_for(administrator: Administrator, kind: LinkKind, email: str = "") -> OneTimeLink:
    """As the worker makes it."""
    letter = Letter.objects.create(kind=kind, to=email or administrator.email)
    links.make(letter, kind, administrator)
    return letter.link


def test_a_lost_second_factor_is_reset_by_who_manages_the_administrator(cast: Cast) -> None:
    give_app(cast, cast.rita)
    commands.reset_second_factor(actor=cast.actor(cast.bob), administrator=cast.rita)
    assert not Authenticator.objects.exists()
    cast.rita.refresh_from_db()
    assert cast.rita.session_epoch == 1
    letter = Letter.objects.latest("pk")
    assert (letter.kind, letter.to, letter.words) == ("factors_reset", "rita@panel.test", {"by": "Bob"})
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id) == ("sign_in:factors_reset", "Bob", cast.acme.pk)
    assert entry.before == {"factors": ["recovery_codes", "totp"]}


def test_who_does_not_manage_somebody_everywhere_resets_nothing(cast: Cast) -> None:
    give_app(cast, cast.rita)
    before = everything()
    with pytest.raises(NotYours):
        commands.reset_second_factor(actor=cast.actor(cast.charlie), administrator=cast.rita)
    with pytest.raises(NotYours):
        commands.reset_second_factor(actor=cast.actor(cast.dora), administrator=cast.rita)
    assert everything() == before
    grant(cast.rita, Role.READ_ONLY, brand=cast.brand)
    before = everything()
    with pytest.raises(NotAllowed) as caught:
        commands.reset_second_factor(actor=cast.actor(cast.bob), administrator=cast.rita)
    assert caught.value.sentence == (
        "Rita has roles that you do not manage. Ask your provider to reset the second factor."
    )
    assert everything() == before
    commands.reset_second_factor(actor=cast.actor(cast.alice), administrator=cast.rita)


def test_ones_own_and_what_is_not_there_are_not_reset(cast: Cast) -> None:
    with refused(None):
        commands.reset_second_factor(actor=cast.actor(cast.alice), administrator=cast.bob)
    give_app(cast, cast.alice)
    with refused(None) as caught:
        commands.reset_second_factor(actor=cast.actor(cast.alice), administrator=cast.alice)
    assert caught.value.sentence == "Your own second factor is changed under “Your account”."


def test_asking_leaves_the_same_for_every_address(cast: Cast) -> None:
    for address in ("Bob@panel.test", "nobody@panel.test"):
        commands.ask_for_new_password(address=address, request_id="r")
    rows = Letter.objects.order_by("pk").values_list("kind", "administrator", "to", "link", "sealed_token")
    assert list(rows) == [
        ("reset_password", None, "bob@panel.test", None, ""),
        ("reset_password", None, "nobody@panel.test", None, ""),
    ]


def test_what_is_no_address_is_refused(cast: Cast) -> None:
    for wrong in ("", "bob", "bob@panel.test\nBcc: x@evil.test", "x" * 300 + "@panel.test"):
        with refused("email"):
            commands.ask_for_new_password(address=wrong, request_id="r")


def test_a_link_sets_the_password_once_and_ends_sessions_and_all_other_links(cast: Cast) -> None:
    link, other = link_for(cast.bob, LinkKind.RESET_PASSWORD), link_for(cast.bob, LinkKind.RESET_PASSWORD)
    with refused("new") as caught:
        commands.reset_password(link=link, password="password12", request_id="r")
    assert caught.value.sentence == "This password is on the list of common ones. Choose another one."
    commands.reset_password(link=link, password=NEW, request_id="r")
    cast.bob.refresh_from_db()
    assert (cast.bob.check_password(NEW), cast.bob.session_epoch) == (True, 1)
    assert (last_entry().action, last_entry().actor) == ("sign_in:reset_password", "Bob")
    assert Letter.objects.latest("pk").kind == "password_changed"
    with refused(None):
        commands.reset_password(link=link, password=PASSWORD, request_id="r")
    assert links.opened(LinkKind.RESET_PASSWORD, other.digest) is None


def test_a_link_is_open_for_its_time_its_kind_and_somebody_who_may_sign_in(cast: Cast) -> None:
    link = link_for(cast.bob, LinkKind.RESET_PASSWORD)
    assert links.opened(LinkKind.RESET_PASSWORD, link.digest) == link
    assert links.opened(LinkKind.CONFIRM_EMAIL, link.digest) is None
    Administrator.objects.update(is_active=False)
    assert links.opened(LinkKind.RESET_PASSWORD, link.digest) is None
    Administrator.objects.update(is_active=True)
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert links.opened(LinkKind.RESET_PASSWORD, link.digest) is None


def test_another_address_counts_once_its_link_is_opened_and_the_old_one_is_told(cast: Cast) -> None:
    commands.ask_for_other_address(actor=cast.actor(cast.bob), administrator=cast.bob, address="Bobby@panel.test")
    letter = Letter.objects.get()
    assert (letter.kind, letter.to) == ("confirm_email", "bobby@panel.test")
    links.make(letter, LinkKind.CONFIRM_EMAIL, cast.bob)
    reset = link_for(cast.bob, LinkKind.RESET_PASSWORD)
    cast.bob.refresh_from_db()
    assert cast.bob.email == "bob@panel.test"
    commands.confirm_address(link=letter.link, request_id="r")
    cast.bob.refresh_from_db()
    assert cast.bob.email == "bobby@panel.test"
    told = Letter.objects.latest("pk")
    assert (told.kind, told.to, told.words) == ("email_changed", "bob@panel.test", {"new": "bobby@panel.test"})
    assert (last_entry().before, last_entry().after) == ({"email": "bob@panel.test"}, {"email": "bobby@panel.test"})
    assert links.opened(LinkKind.RESET_PASSWORD, reset.digest) is None
    with refused(None):
        commands.confirm_address(link=letter.link, request_id="r")


def test_an_address_that_became_somebody_elses_meanwhile_is_refused(cast: Cast) -> None:
    link = link_for(cast.bob, LinkKind.CONFIRM_EMAIL, "rita@panel.test")
    with refused(None) as caught:
        commands.confirm_address(link=link, request_id="r")
    assert caught.value.sentence == "This address cannot be used. Take another one."


def test_nobody_asks_for_the_address_of_somebody_else(cast: Cast) -> None:
    with pytest.raises(NotYours):
        commands.ask_for_other_address(actor=cast.actor(cast.alice), administrator=cast.bob, address="x@panel.test")
