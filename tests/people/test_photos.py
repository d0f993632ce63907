import io
import random

import pytest
from PIL import Image
from tests.pictures import BLUE, RED, bomb, picture
from tests.rows import everything, last_entry, refused, waiting

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import Refused
from oxherd.people.commands import change_photo
from oxherd.people.models import Photo
from oxherd.people.photos import LARGEST_UPLOAD, digest, make_photo

ME = system("Tests", Door.CLI)
TURNED = {0x0112: 6}  # EXIF orientation: the camera was held upright


def opened(jpeg):
    image = Image.open(io.BytesIO(jpeg))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    return image


def looks_like(pixel, colour):
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def exif(tags):
    data = Image.Exif()
    data.update(tags)
    return data.tobytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_of_each_form_becomes_a_small_jpeg(form):
    image = opened(make_photo(picture(form, (2000, 1000))))
    assert image.size == (512, 256)
    assert looks_like(image.getpixel((20, 128)), RED)
    assert looks_like(image.getpixel((490, 128)), BLUE)


def test_a_small_picture_is_not_blown_up():
    assert opened(make_photo(picture(size=(30, 20)))).size == (30, 20)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_is_turned_upright(form):
    image = opened(make_photo(picture(form, (1200, 600), exif=exif(TURNED))))
    assert image.size == (256, 512)
    assert looks_like(image.getpixel((128, 20)), RED)
    assert looks_like(image.getpixel((128, 490)), BLUE)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "RGBA", "CMYK"])
def test_colours_of_every_kind_are_taken(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(make_photo(picture(form, mode=mode))).size == (64, 48)


def test_what_is_transparent_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(make_photo(out.getvalue())).getpixel((10, 10)) == (255, 255, 255)


def test_what_a_camera_writes_into_a_picture_is_left_out():
    secret = "taken at home"
    upload = picture("JPEG", exif=exif({0x010E: secret, 0x0112: 1}), comment=secret.encode())
    assert upload.count(secret.encode()) == 2
    jpeg = make_photo(upload)
    assert secret.encode() not in jpeg
    assert dict(opened(jpeg).getexif()) == {}


NO_PICTURE = "This is not a picture. Choose a JPEG, PNG, WebP or HEIC file."
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "upload",
    [
        *(b"", b"Dear Sir or Madam", SVG, b"%PDF-1.7", b"\xff\xd8\xff", bytes(1000)),
        *(picture("GIF"), picture("TIFF"), picture("BMP"), picture("ICO")),
        *(picture(form)[:90] for form in ("JPEG", "PNG", "WEBP", "HEIF")),
    ],
    ids=lambda upload: upload[:12].hex(),
)
def test_what_is_no_picture_is_refused(upload):
    with pytest.raises(Refused, match="This is not a picture") as caught:
        make_photo(upload)
    assert (caught.value.field, caught.value.sentence) == ("photo", NO_PICTURE)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_broken_picture_is_refused_or_mended_whatever_is_broken(form):
    dice, whole, refusals = random.Random(form), picture(form), 0
    for _ in range(150):
        broken = bytearray(whole[: dice.randrange(len(whole))] if dice.random() < 0.3 else whole)
        for _ in range(dice.randint(1, 5)):
            broken[dice.randrange(len(broken)) if broken else 0 :] = dice.randbytes(dice.randint(1, 40))
        try:
            opened(make_photo(bytes(broken)))
        except Refused:
            refusals += 1
    assert refusals > 50


def test_ten_megabytes_are_the_limit():
    whole = picture("JPEG")
    at_the_limit = whole + bytes(LARGEST_UPLOAD - len(whole))  # what follows the end of a JPEG is ignored
    assert opened(make_photo(at_the_limit)).size == (64, 48)
    with pytest.raises(Refused, match="larger than 10 MB"):
        make_photo(at_the_limit + b"\0")


@pytest.mark.parametrize(
    ("side", "sentence"), [(9_000, "The picture has too many pixels."), (30_000, "This is not a picture.")]
)
def test_a_small_file_with_huge_dimensions_is_refused_before_it_unpacks(side, sentence):
    with pytest.raises(Refused, match=sentence) as caught:
        make_photo(bomb(side))
    assert caught.value.field == "photo"


def test_a_photo_is_set_replaced_and_taken_away(cast):
    anna = cast.user("Anna Becker", ox=True)
    change_photo(actor=ME, user=anna, photo=picture())
    photo = Photo.objects.get(user=anna)
    assert digest(bytes(photo.jpeg)) == photo.digest
    assert (last_entry().before, last_entry().after) == ({"photo": False}, {"photo": True})
    change_photo(actor=ME, user=anna, photo=picture("WEBP", (20, 20)))
    assert Photo.objects.get(user=anna).digest != photo.digest
    change_photo(actor=ME, user=anna, photo=None)
    assert (last_entry().before, last_entry().after) == ({"photo": True}, {"photo": False})
    assert Photo.objects.count() == 0
    assert len(waiting(f"account:{anna.account.pk}")) == 1


def test_no_photo_is_taken_away_where_there_is_none(cast):
    anna = cast.user("Anna Becker", ox=True)
    before = everything()
    change_photo(actor=ME, user=anna, photo=None)
    assert everything() == before


def test_a_photo_that_is_none_leaves_the_old_one(cast):
    anna = cast.user("Anna Becker", photo=picture())
    with refused("photo"):
        change_photo(actor=ME, user=anna, photo=b"")
