"""Which profile stands for what a user of the platform has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile, classes_of

# Where each user has a quota of its own, profiles are not what describes them.
MOST_MADE = 20


@dataclass(frozen=True, slots=True)
class Gives:
    """What a user has: quotas in MB, None is unlimited. `keeps_mail`: the platform tells mail quota and classes."""

    access_combination: str | None
    drive_quota_mb: int | None
    keeps_mail: bool = False
    mail_quota_mb: int | None = None
    classes: tuple[str, ...] = ()

    @classmethod
    def by(cls, held: Mapping[str, Any]) -> "Gives":
        """held: field by field in the worker's words (`sync.people.wanted_of`)."""
        if "mail_quota_mb" not in held:
            return cls(held["access_combination"], held["drive_quota_mb"])
        classes = tuple(held["class_of_service"])
        return cls(held["access_combination"], held["drive_quota_mb"], True, held["mail_quota_mb"], classes)

    def is_of(self, profile: Profile) -> bool:
        if (profile.access_combination, profile.drive_quota_mb) != (self.access_combination, self.drive_quota_mb):
            return False
        classes = classes_of(profile.class_of_service, profile.access_combination)
        return not self.keeps_mail or (profile.mail_quota_mb, tuple(classes)) == (self.mail_quota_mb, self.classes)

    def __str__(self) -> str:
        drive = "unlimited" if self.drive_quota_mb is None else f"{self.drive_quota_mb:,} MB"
        text = f"{self.access_combination}, Drive {drive}"
        if self.keeps_mail:
            text += f", mail {'unlimited' if self.mail_quota_mb is None else f'{self.mail_quota_mb:,} MB'}"
            if list(self.classes) != [self.access_combination]:
                text += f", class of service {' + '.join(self.classes) or 'none'}"
        return text


class Fitting:
    """The profiles of a brand by what they give; with `make`, those that are missing are added."""

    def __init__(self, actor: Actor, brand: Brand, *, make: bool) -> None:
        self._actor, self._brand, self._make = actor, brand, make
        self.made: list[str] = []
        self.look_again()

    def look_again(self) -> None:
        """After what was begun was taken back: a profile may have gone with it."""
        self._profiles = list(Profile.objects.filter(brand=self._brand).order_by("rank", "pk"))
        names = {profile.name for profile in self._profiles}
        self.made = [name for name in self.made if name in names]

    def profile(self, gives: Gives) -> Profile:
        """Raises Refused at `profile` where none gives exactly that."""
        found = next((profile for profile in self._profiles if gives.is_of(profile)), None)
        return found or self._added(gives)

    def _added(self, gives: Gives) -> Profile:
        if gives.access_combination is None:
            raise Refused(
                "The modules in OX have no name, so no profile can stand for them. Give the user an access combination "
                "that has one there.",
                field="profile",
            )
        if not self._make:
            raise Refused(f"No profile of {self._brand} gives {gives}. Add one first.", field="profile")
        if len(self.made) >= MOST_MADE:
            raise Refused(
                f"No profile of {self._brand} gives {gives}, and {MOST_MADE} were made already. Add one first.",
                field="profile",
            )
        name = str(gives)[:100]
        quotas = {"drive_quota_mb": gives.drive_quota_mb, "mail_quota_mb": gives.mail_quota_mb}
        made = add_profile(
            actor=self._actor, brand=self._brand, name=name, access_combination=gives.access_combination,
            class_of_service=",".join(gives.classes), rank=len(self._profiles) + 1, **quotas,
        )  # fmt: skip
        self._profiles.append(made)
        self.made.append(name)
        return made
