from collections.abc import Sequence
from typing import Any

from django.conf import settings

from oxherd.panel.bulk import has_ox
from oxherd.panel.forms.bulk import DisableForm
from oxherd.people.models import ServiceUser


class RemovalForm(DisableForm):
    """What can be had back for some `days` asks for nothing; what is for good asks for the name, or for the number.

    A single user without OX loses nothing and goes without.
    """

    def __init__(self, users: Sequence[ServiceUser], data: Any = None) -> None:
        super().__init__(users, data)
        self.days = max(settings.KEEP_REMOVED_DAYS, 0)
        if self.days or (len(users) == 1 and not has_ox(users[0])):
            del self.fields["typed"]
