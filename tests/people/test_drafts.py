"""A user on the way through the wizard: kept for one administrator, made once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.cast import PASSWORD
from tests.pictures import picture
from tests.rows import refused
from tests.threads import overlapping

from oxherd.accounts.commands import grant
from oxherd.accounts.states import Role
from oxherd.errors import NotAllowed, NotYours
from oxherd.people import drafts
from oxherd.people.models import ServiceUser, UserDraft


@pytest.fixture
def draft(cast):
    return drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme, fields={"display_name": "Eve"})


def finish(cast, draft, new, actor=None):
    return drafts.finish(actor=actor or cast.actor(cast.bob), tenant=cast.acme, key=draft.pk, read=lambda _: new)


def test_what_was_typed_comes_back(cast, draft):
    drafts.save(draft, fields={"display_name": "Eve Fox", "login": "eve"})
    drafts.save_password(draft, PASSWORD)
    drafts.save_photo(draft, picture())
    kept = drafts.load(cast.actor(cast.bob), cast.acme, draft.pk)
    assert (kept.fields, drafts.password_of(kept)) == ({"display_name": "Eve Fox", "login": "eve"}, PASSWORD)
    assert bytes(kept.photo)[:3] == b"\xff\xd8\xff"
    assert PASSWORD not in kept.sealed_password
    drafts.save_photo(kept, None)
    assert UserDraft.objects.get(pk=draft.pk).photo is None


@pytest.mark.parametrize("upload", [b"", b"not a picture"])
def test_what_is_no_picture_is_not_kept(cast, draft, upload):
    with refused("photo"):
        drafts.save_photo(draft, upload)
    assert UserDraft.objects.get(pk=draft.pk).photo is None


def test_a_draft_belongs_to_its_administrator_in_its_tenant(cast, draft, new_user):
    grant(cast.charlie, Role.CUSTOMER_ADMINISTRATOR, tenant=cast.acme)
    grant(cast.bob, Role.CUSTOMER_ADMINISTRATOR, tenant=cast.globex)
    charlie, bob = cast.actor(cast.charlie), cast.actor(cast.bob)
    for actor, tenant, key in ((charlie, cast.acme, draft.pk), (bob, cast.globex, draft.pk), (bob, cast.acme, uuid4())):
        with pytest.raises(NotYours):
            drafts.load(actor, tenant, key)
        with pytest.raises(NotYours):
            drafts.finish(actor=actor, tenant=tenant, key=key, read=lambda _: new_user())


def test_who_may_not_add_users_begins_no_draft(cast):
    with pytest.raises(NotAllowed):
        drafts.start(actor=cast.actor(cast.dora), tenant=cast.acme, fields={})
    with pytest.raises(NotYours):
        drafts.start(actor=cast.actor(cast.charlie), tenant=cast.acme, fields={})


def test_a_finished_draft_is_a_user_once_and_keeps_no_secret(cast, draft, new_user):
    drafts.save_password(draft, PASSWORD)
    made = finish(cast, draft, new_user())
    assert finish(cast, draft, new_user(login="eve2")) == made
    kept = UserDraft.objects.get(pk=draft.pk)
    assert (drafts.made(kept), kept.sealed_password, kept.photo) == (made, "", None)
    drafts.save(kept, fields={"display_name": "Another"})
    assert drafts.made(UserDraft.objects.get(pk=draft.pk)) == made
    assert ServiceUser.objects.count() == 1


def test_a_refused_draft_stays_open(cast, draft, new_user):
    with refused("login"):
        finish(cast, draft, new_user(login="a b"))
    assert drafts.made(drafts.load(cast.actor(cast.bob), cast.acme, draft.pk)) is None
    assert finish(cast, draft, new_user()) == ServiceUser.objects.get().pk


def test_a_draft_is_gone_when_it_is_dropped_or_a_day_old(cast, draft):
    other = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme, fields={})
    drafts.drop(draft)
    UserDraft.objects.filter(pk=other.pk).update(changed_at=timezone.now() - timedelta(days=1, minutes=1))
    for key in (draft.pk, other.pk):
        with pytest.raises(NotYours):
            drafts.load(cast.actor(cast.bob), cast.acme, key)
    assert (drafts.purge(), UserDraft.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_finish_make_one_user(open_cast, new_user):
    bob = open_cast.actor(open_cast.bob)
    draft = drafts.start(actor=bob, tenant=open_cast.acme, fields={})
    act = lambda: finish(open_cast, draft, new_user())  # noqa: E731 - the same act twice
    _, second = overlapping(act, act)
    assert second == ServiceUser.objects.get().pk
