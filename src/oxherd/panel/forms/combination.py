"""The feature level of a profile: a combobox over what the platform of a brand offers, which takes other names too."""

from typing import Any

from django.urls import reverse

from oxherd.brands.models import Brand
from oxherd.panel.forms.combobox import Box, Combobox
from oxherd.panel.options import Option
from oxherd.profiles.offers import Offer, offer, offers
from oxherd.profiles.rules import COMBINATION


class CombinationField(Combobox):
    """Cleans to the name. The form calls `look_at` before anything else."""

    def __init__(self, **kwargs: Any) -> None:
        super(Combobox, self).__init__(required=False, **kwargs)
        self.none = self.nobody = ""

    def look_at(self, brand: Brand, data: Any = None) -> None:
        self.brand, self.data = brand, data or {}

    def clean(self, value: Any) -> str:
        return str(value or "").strip()

    def box(self, name: str, value: Any) -> Box:
        url = reverse("brand_combinations", args=[self.brand.pk])
        chosen = as_option(offer(str(value))) if value else None
        text = str(self.data.get(f"{name}_text", "")).replace("\x00", "").strip()
        found = [option for option in matching(self.brand, text) if option != chosen]
        return Box(url, chosen, "", [], text, found, is_free=True)


def matching(brand: Brand, text: str) -> list[Option]:
    """What is offered and holds the text in its name or its modules; at the end the text itself, as a name."""
    known, word = offers(brand), text.casefold()
    found = [as_option(each) for each in known if word in f"{each.name} {each.holds}".casefold()]
    if text and COMBINATION.fullmatch(text) and text not in {each.name for each in known}:
        found.append(Option(text, text, "Another name: your platform must have a combination of this name"))
    return found


def as_option(each: Offer) -> Option:
    return Option(each.name, each.name, each.detail)
