"""Sizes as people write them: 20 GB, 500 MB, 1.5 TB, unlimited."""

import re
from typing import Any

from django import forms

UNITS = {"mb": 1, "gb": 1024, "tb": 1024 * 1024}
SIZE = re.compile(r"(\d{1,9}(?:[.,]\d{1,3})?)\s*([mgt])i?b?", re.IGNORECASE)
UNLIMITED = "unlimited"
NOT_A_SIZE = "Give a size with its unit, such as 20 GB or 500 MB, or unlimited."


class SizeField(forms.CharField):
    """Cleans to megabytes, or to None for no limit; empty is no limit too."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "off", "placeholder": "Unlimited", "spellcheck": "false"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attributes), **kwargs)

    def clean(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if text.casefold() in {"", UNLIMITED, "no limit"}:
            return None
        found = SIZE.fullmatch(text)
        if not found:
            raise forms.ValidationError(NOT_A_SIZE)
        number = float(found[1].replace(",", ".")) * UNITS[f"{found[2].lower()}b"]
        if number != int(number):
            raise forms.ValidationError("Give whole megabytes.")
        return int(number)


def written(megabytes: int | None) -> str:
    """As people write it, in the largest unit that leaves no rest."""
    if megabytes is None:
        return "Unlimited"
    unit = next(name for name in ("tb", "gb", "mb") if megabytes % UNITS[name] == 0 and (megabytes or name == "mb"))
    return f"{megabytes // UNITS[unit]} {unit.upper()}"
