"""A brand's colour on the offer, and where its webmail is."""

from urllib.parse import urlsplit

from oxherd.brands.models import Upsell, origin

OURS = "#3457d5"
CLOSE = "apps/plugins/upsell/simple-wizard/close.html"
WHITE, BLACK = "#ffffff", "#111111"


def style_sheet(colour: str) -> str:
    """The brand's colour and the ink that is read best on it (WCAG 2, contrast ratio)."""
    colour = colour or OURS
    ink = max((WHITE, BLACK), key=lambda each: _contrast(colour, each))
    return f":root {{ --brand: {colour}; --brand-ink: {ink}; }}\n"


def webmail(upsell: Upsell, host: str) -> str:
    """App Suite's address at the host from which the user came, if it is one of the brand's; empty for none."""
    usual = upsell.brand.app_suite_url
    if not usual:
        return ""
    came_from = host.lower().partition(":")[0]
    at = next((each for each in upsell.origins if urlsplit(each).hostname == came_from), origin(usual))
    return f"{at}{urlsplit(usual).path.rstrip('/')}/"


def close(upsell: Upsell, host: str) -> str:
    """The page of App Suite that closes the wizard: going there is the only way for a page of another origin."""
    address = webmail(upsell, host)
    return f"{address}{CLOSE}" if address else ""


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's figures
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
