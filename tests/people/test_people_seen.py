"""Reads of users beside lists and search."""

import pytest
from tests.pictures import picture

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import NotYours
from oxherd.people import queries
from oxherd.people.models import Photo

ME = system("Tests", Door.CLI)


def test_a_picture_is_shown_to_those_who_see_its_user(cast):
    anna = cast.user("Anna Becker", photo=picture())
    photo = Photo.objects.get(user=anna)
    assert queries.photo(cast.actor(cast.rita), cast.acme, anna.pk, photo.digest) == photo
    assert queries.photo_digests([anna, cast.user("Bert Conrad")]) == {anna.pk: photo.digest}
    for actor, tenant, digest in (
        (cast.actor(cast.charlie), cast.acme, photo.digest),
        (cast.actor(cast.charlie), cast.globex, photo.digest),
        (ME, cast.globex, photo.digest),
        (ME, cast.acme, "0" * 64),
    ):
        with pytest.raises(NotYours):
            queries.photo(actor, tenant, anna.pk, digest)


def test_some_users_come_by_name_and_without_strangers(cast):
    zoe, anna = cast.user("Zoe Adler"), cast.user("anna Becker", login="anna")
    stranger = cast.user("Bert Conrad", tenant=cast.globex)
    assert queries.some(ME, cast.acme, [zoe.pk, anna.pk, stranger.pk, 10**30]) == [anna, zoe]


@pytest.mark.parametrize("pk", [0, -1, 10**30])
def test_a_number_that_nobody_has_is_nobody(cast, pk):
    with pytest.raises(NotYours):
        queries.one(ME, cast.acme, pk)
