from typing import Any

from django import forms

from oxherd.accounts.actor import Actor
from oxherd.groups.queries import of_user
from oxherd.panel.forms.combobox import Combobox
from oxherd.people.models import ServiceUser

MOST_LEFT_OUT = 100  # groups of the user that are not offered; to join one again changes nothing


class JoinForm(forms.Form):
    """A group that a user comes into."""

    group = Combobox("groups", label="Group", gone="There is no such group, or not any more. Choose another one.")

    def __init__(self, actor: Actor, user: ServiceUser, data: Any = None, *, complete: bool = True) -> None:
        super().__init__(data)
        self.complete = complete
        field = self.fields["group"]
        if isinstance(field, Combobox):
            own = of_user(user).values_list("pk", flat=True)[:MOST_LEFT_OUT]
            field.look(actor, user.tenant, data, but=map(str, own))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.complete and not cleaned.get("group") and not self.has_error("group"):
            self.add_error("group", "Choose a group.")
        return cleaned
