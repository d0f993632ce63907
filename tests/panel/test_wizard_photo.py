import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.pictures import bomb, picture

from oxherd.people.models import Photo, UserDraft

FORM = {"display_name": "Anna Müller", "login": "anna", "domain": "acme.test", "language": "en_US", "do": "next"}
NO_PICTURE = "This is not a picture. Choose a JPEG, PNG, WebP or HEIC file."


@pytest.fixture
def bob(cast):
    return cast.client(cast.bob)


@pytest.fixture
def form(cast, bob) -> str:
    return bob.get(f"/t/{cast.acme.pk}/users/add/").url


def file(content: bytes, name: str = "photo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_photo_is_shown_as_ox_will_get_it(bob, form, kind):
    answer = bob.post(f"{form}photo/", {"photo": file(picture(kind, size=(1200, 600)))})
    assert answer.context["form"].errors == {}
    shown = bob.get(f"{form}photo/")
    decoded = Image.open(io.BytesIO(shown.content))
    assert (shown.headers["Content-Type"], decoded.format, decoded.size) == ("image/jpeg", "JPEG", (512, 256))
    assert shown.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_photo_reaches_the_user(cast, bob, form):
    password = {"password": "correct horse battery", "confirm": "correct horse battery", "time_zone": "UTC"}
    bob.post(form, {**FORM, **password, "photo": file(picture())})
    summary = bob.get(f"{form}summary/").content.decode()
    assert f'src="{form}photo/?' in summary
    bob.post(f"{form}summary/")
    assert Image.open(io.BytesIO(bytes(Photo.objects.get().jpeg))).size == (64, 48)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"only text", NO_PICTURE),
        (b"\x89PNG\r\n\x1a\n", NO_PICTURE),
        (picture(size=(400, 300))[:200], NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NO_PICTURE),
        (bomb(10_000), "The picture has too many pixels. Choose one below 80 megapixels."),
        (bytes(20 * 1024 * 1024), "The picture is larger than 10 MB. Choose a smaller one."),
    ],
    ids=["text", "head only", "cut off", "svg", "bomb", "20 MB"],
)
def test_what_is_no_good_picture_is_refused_at_the_field_and_the_rest_is_kept(bob, form, content, sentence):
    answer = bob.post(form, {**FORM, "photo": file(content)})
    assert answer.status_code == 422
    assert answer.context["form"].errors["photo"] == [sentence]
    assert UserDraft.objects.get().photo is None
    assert bob.get(form).context["form"]["display_name"].value() == "Anna Müller"
    at_once = bob.post(f"{form}photo/", {"photo": file(content)})
    assert at_once.context["form"].errors == {"photo": [sentence]}


def test_refused_picture_leaves_the_one_before(bob, form):
    bob.post(f"{form}photo/", {"photo": file(picture())})
    before = bob.get(f"{form}photo/").content
    bob.post(f"{form}photo/", {"photo": file(b"only text")})
    assert bob.get(f"{form}photo/").content == before


@pytest.mark.parametrize("place", ["", "photo/"], ids=["without script", "at once"])
def test_photo_can_be_removed(bob, form, place):
    bob.post(f"{form}photo/", {"photo": file(picture())})
    assert bob.post(form + place, {**FORM, "do": "remove_photo"}).status_code == 200
    assert bob.get(f"{form}photo/").status_code == 404
    assert UserDraft.objects.get().fields.get("display_name", "Anna Müller") == "Anna Müller"
