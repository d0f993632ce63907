"""Pictures that people upload, made safe and small enough for the platform."""

import hashlib
import io
import warnings

from PIL import Image, ImageOps
from pillow_heif import HeifImagePlugin  # noqa: F401 - importing it teaches Pillow HEIC

from oxherd.errors import Refused

LARGEST_UPLOAD = 10 * 1024 * 1024
LARGEST_KEPT = 1024 * 1024
LARGEST_SIDE = 512  # pixels; App Suite shows pictures much smaller
MOST_PIXELS = 80_000_000  # beyond a camera's; a small file can unpack into far more
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")


def make_photo(upload: bytes) -> bytes:
    """Decode, turn upright, shrink and re-encode a picture as JPEG, at most 512 x 512 pixels, without metadata.

    upload: JPEG, PNG, WebP or HEIC, up to 10 MB. Raises Refused at `photo` for anything else.
    """
    if len(upload) > LARGEST_UPLOAD:
        raise Refused("The picture is larger than 10 MB. Choose a smaller one.", field="photo")
    try:
        return _jpeg(_small(upload))
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - a broken file makes the decoders raise whatever it likes
        raise Refused("This is not a picture. Choose a JPEG, PNG, WebP or HEIC file.", field="photo") from None


def as_it_is(picture: bytes) -> bytes:
    """The very same bytes where they are a sound JPEG of up to 1 MB, else as `make_photo`.

    For a picture that the platform holds: made anew it would differ from what is there.
    """
    if len(picture) > LARGEST_KEPT:
        return make_photo(picture)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(picture), formats=["JPEG"])
            if opened.width * opened.height <= MOST_PIXELS:
                opened.load()
                return picture
    except Exception:  # noqa: BLE001, S110 - a broken file makes the decoders raise whatever it likes
        pass
    return make_photo(picture)


def digest(jpeg: bytes) -> str:
    return hashlib.sha256(jpeg).hexdigest()


def _jpeg(picture: Image.Image) -> bytes:
    flat = Image.new("RGB", picture.size, "white")
    layered = picture.convert("RGBA")
    flat.paste(layered, mask=layered.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _small(upload: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(io.BytesIO(upload), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused("The picture has too many pixels. Choose one below 80 megapixels.", field="photo")
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))  # first, since turning makes a copy
        return ImageOps.exif_transpose(picture)
