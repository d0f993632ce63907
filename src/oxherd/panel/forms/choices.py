"""What drop-downs offer."""

from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import available_timezones

from oxherd.domains.models import Domain
from oxherd.tenants.models import Seats

Choices = list[tuple[str, str]]

# What a drop-down says of a value that it does not offer: the page was tampered with, or is out of date.
NOT_OFFERED = {"invalid_choice": "This is not offered, or no longer. Choose one from the list."}

# The languages that App Suite is delivered in.
LANGUAGES: Choices = [
    ("cs_CZ", "Čeština"),
    ("da_DK", "Dansk"),
    ("de_DE", "Deutsch"),
    ("en_GB", "English (UK)"),
    ("en_US", "English (US)"),
    ("es_ES", "Español"),
    ("es_MX", "Español (México)"),
    ("fr_FR", "Français"),
    ("fr_CA", "Français (Canada)"),
    ("it_IT", "Italiano"),
    ("lv_LV", "Latviešu"),
    ("hu_HU", "Magyar"),
    ("nl_NL", "Nederlands"),
    ("nb_NO", "Norsk bokmål"),
    ("pl_PL", "Polski"),
    ("pt_BR", "Português (Brasil)"),
    ("ro_RO", "Română"),
    ("sk_SK", "Slovenčina"),
    ("fi_FI", "Suomi"),
    ("sv_SE", "Svenska"),
    ("tr_TR", "Türkçe"),
    ("ja_JP", "日本語"),
    ("zh_CN", "简体中文"),
    ("zh_TW", "繁體中文"),
]
REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def time_zones() -> Choices:
    """The zones named after places, and UTC; the rest are old names of these."""
    named = sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    return [(name, name.replace("_", " ")) for name in ["UTC", *named]]


def domain_choices(domains: Sequence[Domain]) -> Choices:
    return [(domain.name, domain.display_name) for domain in domains]


def profile_label(seats: Seats) -> str:
    """Such as "Groupware · 3 of 10 seats left"."""
    if seats.free is None:
        return str(seats.profile)
    if seats.free == 0:
        return f"{seats.profile} · no seats left"
    return f"{seats.profile} · {seats.free} of {seats.number} seats left"
