import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image
from tests.cast import PASSWORD, Cast

from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.people import drafts
from oxherd.people.commands import NewUser
from oxherd.people.models import ServiceUser, UserDraft


def new_user(draft: UserDraft) -> NewUser:
    return NewUser(
        display_name=draft.fields["display_name"],
        login=draft.fields["login"],
        domain="acme.test",
        password=drafts.password_of(draft),
        photo=bytes(draft.photo) if draft.photo else None,
    )


def filled(cast: Cast) -> UserDraft:
    bob = cast.actor(cast.bob)
    draft = drafts.start(actor=bob, tenant=cast.acme, fields={})
    drafts.save(draft, fields={"display_name": "Anna Becker", "login": "anna"})
    drafts.save_password(draft, PASSWORD)
    return draft


def test_draft_comes_back_as_it_was_typed(cast):
    draft = drafts.load(cast.actor(cast.bob), cast.acme, filled(cast).pk)
    assert draft.fields == {"display_name": "Anna Becker", "login": "anna"}
    assert drafts.password_of(draft) == PASSWORD


def test_password_is_not_in_the_database_in_clear(cast):
    filled(cast)
    row = UserDraft.objects.values().get()
    assert row["sealed_password"] != ""
    assert PASSWORD not in str(row)


def test_finish_makes_the_user_and_empties_the_draft(cast):
    draft = filled(cast)
    pk = drafts.finish(actor=cast.actor(cast.bob), tenant=cast.acme, key=draft.pk, read=new_user)
    assert ServiceUser.objects.get().pk == pk
    draft.refresh_from_db()
    assert (draft.fields, draft.sealed_password, draft.photo) == ({"made": pk}, "", None)


def test_second_finish_gives_the_user_of_the_first(cast):
    draft, bob = filled(cast), cast.actor(cast.bob)
    first = drafts.finish(actor=bob, tenant=cast.acme, key=draft.pk, read=new_user)
    assert drafts.finish(actor=bob, tenant=cast.acme, key=draft.pk, read=new_user) == first
    assert ServiceUser.objects.count() == 1


def test_refused_finish_leaves_the_draft_open(cast):
    cast.user("Anna Other", login="anna")
    draft = filled(cast)
    with pytest.raises(Refused) as refusal:
        drafts.finish(actor=cast.actor(cast.bob), tenant=cast.acme, key=draft.pk, read=new_user)
    assert refusal.value.field == "login"
    draft.refresh_from_db()
    assert drafts.made(draft) is None
    assert drafts.password_of(draft) == PASSWORD


def test_what_another_window_types_after_finish_is_not_kept(cast):
    draft = filled(cast)
    stale = UserDraft.objects.get(pk=draft.pk)
    pk = drafts.finish(actor=cast.actor(cast.bob), tenant=cast.acme, key=draft.pk, read=new_user)
    drafts.save(stale, fields={"display_name": "Somebody"})
    drafts.save_password(stale, PASSWORD)
    draft.refresh_from_db()
    assert (draft.fields, draft.sealed_password) == ({"made": pk}, "")


def test_draft_of_another_administrator_is_not_found(cast):
    with pytest.raises(NotYours):
        drafts.load(cast.actor(cast.alice), cast.acme, filled(cast).pk)


def test_draft_is_not_found_in_another_tenant(cast):
    draft = drafts.start(actor=cast.actor(cast.alice), tenant=cast.acme, fields={})
    with pytest.raises(NotYours):
        drafts.load(cast.actor(cast.alice), cast.globex, draft.pk)
    with pytest.raises(NotYours):
        drafts.finish(actor=cast.actor(cast.alice), tenant=cast.globex, key=draft.pk, read=new_user)


def test_roles_that_add_nobody_have_no_drafts(cast):
    for administrator in (cast.dora, cast.rita):
        with pytest.raises(NotAllowed):
            drafts.start(actor=cast.actor(administrator), tenant=cast.acme, fields={})
    with pytest.raises(NotAllowed):
        drafts.start(actor=cast.system, tenant=cast.acme, fields={})


def test_draft_older_than_a_day_is_gone_and_swept_by_the_next_start(cast):
    draft, bob = filled(cast), cast.actor(cast.bob)
    UserDraft.objects.update(changed_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(NotYours) as refusal:
        drafts.load(bob, cast.acme, draft.pk)
    assert refusal.value.sentence == "This form has expired or was discarded. Nothing was added. Start again."
    newer = drafts.start(actor=bob, tenant=cast.acme, fields={})
    assert list(UserDraft.objects.values_list("pk", flat=True)) == [newer.pk]


def test_dropped_draft_is_gone(cast):
    draft = filled(cast)
    drafts.drop(draft)
    with pytest.raises(NotYours):
        drafts.load(cast.actor(cast.bob), cast.acme, draft.pk)
    with pytest.raises(NotYours):
        drafts.load(cast.actor(cast.bob), cast.acme, uuid4())


def test_photo_is_kept_as_ox_will_get_it(cast):
    upload = io.BytesIO()
    Image.new("RGBA", (1200, 600), (200, 30, 30, 128)).save(upload, "PNG")
    draft = filled(cast)
    drafts.save_photo(draft, upload.getvalue())
    draft.refresh_from_db()
    picture = Image.open(io.BytesIO(bytes(draft.photo)))
    assert (picture.format, picture.size) == ("JPEG", (512, 256))
    drafts.save_photo(draft, None)
    draft.refresh_from_db()
    assert draft.photo is None


@pytest.mark.parametrize("upload", [b"", b"only text"])
def test_what_is_no_picture_is_refused_and_the_old_one_stays(cast, upload):
    draft = filled(cast)
    UserDraft.objects.update(photo=b"old")
    with pytest.raises(Refused) as refusal:
        drafts.save_photo(draft, upload)
    assert refusal.value.field == "photo"
    draft.refresh_from_db()
    assert bytes(draft.photo) == b"old"
