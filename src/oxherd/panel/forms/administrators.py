"""The forms about administrators: invitations, roles, sign-in rules."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from oxherd.accounts.models import CustomRole, Membership, SignInPolicy
from oxherd.accounts.states import Permission, SecondFactor
from oxherd.administrators.acting import LONGEST_REASON
from oxherd.administrators.policies import PolicyWish
from oxherd.administrators.rules import AnyRole, key_of, name_of, role_of
from oxherd.panel.forms.choices import NOT_OFFERED

CHECKS = [("", "As the levels above say"), ("yes", "Always"), ("no", "Only if a level below asks for it")]


class _RoleField(forms.ChoiceField):
    """A choice out of roles."""

    def offer(self, roles: Iterable[AnyRole]) -> None:
        self.roles = {key_of(role): role for role in roles}
        self.choices = [(key, name_of(role)) for key, role in self.roles.items()]


class InviteForm(forms.Form):
    email = forms.CharField(
        required=False, label="Mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(required=False, label="Name", max_length=200)
    role = _RoleField(label="Role", error_messages=NOT_OFFERED | {"required": "Choose a role."})

    def __init__(self, roles: Sequence[AnyRole], data: Any = None) -> None:
        super().__init__(data)
        self.offered = self.fields["role"]
        if isinstance(self.offered, _RoleField):
            self.offered.offer(roles)

    def wish(self) -> dict[str, Any]:
        """The valid form as the command takes it."""
        cleaned = self.cleaned_data
        return {"email": cleaned["email"], "name": cleaned["name"], "role": _of(self, cleaned["role"])}


class RoleForm(forms.Form):
    role = _RoleField(label="Role", error_messages=NOT_OFFERED | {"required": "Choose a role."})

    def __init__(self, roles: Sequence[AnyRole], row: Membership, data: Any = None) -> None:
        super().__init__(data, initial={"role": key_of(role_of(row))})
        field = self.fields["role"]
        if isinstance(field, _RoleField):
            field.offer(roles)

    def chosen(self) -> AnyRole:
        return _of(self, self.cleaned_data["role"])


class OwnRoleForm(forms.Form):
    name = forms.CharField(required=False, label="Name", max_length=100)
    permissions = forms.MultipleChoiceField(
        required=False,
        label="What it allows",
        widget=forms.CheckboxSelectMultiple,
        error_messages=NOT_OFFERED,
    )

    def __init__(self, held: frozenset[Permission], role: CustomRole | None, data: Any = None) -> None:
        """held: what whoever makes the role may give."""
        initial = {"name": role.name, "permissions": role.permissions} if role else {}
        super().__init__(data, initial=initial)
        gives = role.gives if role else frozenset()
        field = self.fields["permissions"]
        if isinstance(field, forms.MultipleChoiceField):
            shown = [each for each in Permission if each != Permission.VIEW and each in held | gives]
            field.choices = [(each.value, str(each.label)) for each in shown]

    def wish(self) -> dict[str, Any]:
        """The valid form as the command takes it."""
        permissions = [Permission(value) for value in self.cleaned_data["permissions"]]
        return {"name": self.cleaned_data["name"], "permissions": permissions}


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, label="Reason", max_length=LONGEST_REASON)


class RulesForm(forms.Form):
    second_factor = forms.ChoiceField(
        required=False,
        label="Second factor",
        choices=[("", "Nobody has to, as far as this level is concerned"), *SecondFactor.choices],
        error_messages=NOT_OFFERED,
    )
    second_factor_roles = forms.MultipleChoiceField(
        required=False, label="Roles", widget=forms.CheckboxSelectMultiple, error_messages=NOT_OFFERED
    )
    idle_minutes = forms.IntegerField(required=False, label="Minutes without a click")
    session_hours = forms.IntegerField(required=False, label="Hours in any case")
    shortest_password = forms.IntegerField(required=False, label="Shortest password")
    checks_breaches = forms.ChoiceField(
        required=False, label="Look for leaked passwords", choices=CHECKS, error_messages=NOT_OFFERED
    )
    forbids_acting_for = forms.BooleanField(required=False, label="The provider may not act for our administrators")

    def __init__(self, policy: SignInPolicy, roles: Sequence[AnyRole], data: Any = None) -> None:
        initial = {name: getattr(policy, name) for name in PolicyWish.__slots__}
        initial["checks_breaches"] = {True: "yes", False: "no", None: ""}[policy.checks_breaches]
        super().__init__(data, initial=initial)
        field = self.fields["second_factor_roles"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(key_of(role), name_of(role)) for role in roles]

    def wish(self) -> PolicyWish:
        """The valid form as the command takes it."""
        cleaned = dict(self.cleaned_data)
        cleaned["checks_breaches"] = {"yes": True, "no": False}.get(cleaned["checks_breaches"])
        if cleaned["second_factor"] != SecondFactor.SOME:
            cleaned["second_factor_roles"] = []
        return PolicyWish(**cleaned)


def _of(form: forms.Form, key: str) -> AnyRole:
    field = form.fields["role"]
    assert isinstance(field, _RoleField)  # noqa: S101 - both forms have one
    return field.roles[key]
