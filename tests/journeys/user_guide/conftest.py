"""Pictures for docs/user-guide.md, taken by the very journeys that prove its steps.

`make guide` writes them. Any other run compares: a page that looks different from its picture fails the journey.
"""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page

from oxherd.brands.states import PlatformKind

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "user-guide"
WRITE = os.environ.get("OXHERD_GUIDE") == "write"
THUMBNAIL = (64, 40)
# Of 255, on average over a thumbnail: times and numbers differ by less, another layout by more.
MOST_DIFFERENCE = 6.0


@dataclass(frozen=True, slots=True)
class Guide:
    page: Page
    shows: bool  # the guide's pictures are of one kind of platform

    def picture(self, name: str) -> None:
        """The page as it is now, for the guide: docs/user-guide/<name>.png."""
        if not self.shows:
            return
        self.page.mouse.move(0, 0)
        self.page.evaluate("() => document.querySelectorAll('#toasts .toast-success').forEach((t) => t.remove())")
        taken = Image.open(io.BytesIO(self.page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
        path = FOLDER / f"{name}.png"
        if WRITE:
            path.parent.mkdir(exist_ok=True)
            taken.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
            return
        assert path.exists(), f"{path.name} is missing: make guide"
        difference = apart(taken, Image.open(path).convert("RGB"))
        assert difference <= MOST_DIFFERENCE, f"{path.name} is out of date by {difference:.1f}: make guide"


def apart(one: Image.Image, other: Image.Image) -> float:
    """How different two pictures look, from 0 to 255."""
    small = [picture.resize(THUMBNAIL, Image.Resampling.BOX).convert("L") for picture in (one, other)]
    return ImageStat.Stat(ImageChops.difference(*small)).mean[0]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    size = {"width": 1280, "height": 800}
    return {**browser_context_args, "viewport": size, "locale": "en-GB", "color_scheme": "light", "timezone_id": "UTC"}


@pytest.fixture(params=list(PlatformKind))
def platform_kind(request: pytest.FixtureRequest) -> PlatformKind:
    """Each step of the guide holds for a brand of either kind."""
    return PlatformKind(request.param)


@pytest.fixture
def guide(page: Page, platform_kind: PlatformKind) -> Guide:
    page.emulate_media(reduced_motion="reduce")
    return Guide(page, shows=platform_kind == PlatformKind.APP_SUITE)
