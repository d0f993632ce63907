from collections.abc import Sequence
from typing import Any

from oxherd.panel.bulk import has_ox
from oxherd.panel.forms.bulk import DisableForm
from oxherd.people.models import ServiceUser


class RemovalForm(DisableForm):
    """Asks for the name, or for the number of several; a single user without OX goes without."""

    def __init__(self, users: Sequence[ServiceUser], data: Any = None) -> None:
        super().__init__(users, data)
        if len(users) == 1 and not has_ox(users[0]):
            del self.fields["typed"]
