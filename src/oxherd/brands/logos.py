"""Logos that operators upload, made safe and small enough for the head of a page."""

import hashlib
import io
import warnings

from PIL import Image

from oxherd.errors import Refused

LARGEST_UPLOAD = 5 * 1024 * 1024
LARGEST_SIZE = (480, 120)  # pixels; shown at half of that
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")


def make_logo(upload: bytes) -> bytes:
    """Decode, shrink and re-encode a picture as PNG, at most 480 x 120 pixels, without metadata.

    upload: PNG, JPEG or WebP, up to 5 MB. Raises Refused at `logo` for anything else.
    """
    if len(upload) > LARGEST_UPLOAD:
        raise Refused("The logo is larger than 5 MB. Choose a smaller file.", field="logo")
    try:
        return _png(upload)
    except Exception:  # noqa: BLE001 - a broken file makes the decoders raise whatever it likes
        raise Refused("This is not a picture. Choose a PNG, JPEG or WebP file.", field="logo") from None


def digest(png: bytes) -> str:
    return hashlib.sha256(png).hexdigest()


def _png(upload: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(io.BytesIO(upload), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        clean = picture.convert("RGBA")
    clean.thumbnail(LARGEST_SIZE)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()
