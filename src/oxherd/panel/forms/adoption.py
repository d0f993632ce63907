from typing import Any

from django import forms

from oxherd.adoption.models import Adoption
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind


class AdoptionForm(forms.Form):
    """Which context is to become a customer. What it may hold is the rules' affair."""

    brand = forms.ChoiceField(
        label="Brand",
        error_messages={"invalid_choice": "Choose a brand from the list.", "required": "Choose a brand."},
    )
    context = forms.CharField(required=False, label="Context", max_length=500)
    name = forms.CharField(required=False, label="Name of the customer", max_length=500)
    administrator = forms.CharField(required=False, label="Login of the context's administrator", max_length=500)
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=500,
        label="Password of the context's administrator",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    make_profiles = forms.BooleanField(required=False, label="Add profiles where none fits")

    def __init__(self, brands: list[Brand], data: Any = None, *, before: Adoption | None = None) -> None:
        kept = ("context", "name", "administrator", "make_profiles")
        initial = {name: getattr(before, name) for name in kept} | {"brand": before.brand_id} if before else {}
        super().__init__(data, initial=initial)
        self.brands = {str(brand.pk): brand for brand in brands}
        chosen = self.fields["brand"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 - for the type checker
        chosen.choices = [(pk, str(brand)) for pk, brand in self.brands.items()]
        # Where OX Cloud is the only platform, nobody is asked for what it does not want.
        self.wants_administrator = any(brand.platform == PlatformKind.APP_SUITE for brand in brands)

    @property
    def chosen(self) -> Brand:
        return self.brands[self.cleaned_data["brand"]]
