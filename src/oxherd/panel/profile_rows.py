"""Profiles as lists and cards show them: what they hold, who has them, how full their stores are."""

from dataclasses import dataclass

from oxherd.brands.abilities import Ability, can
from oxherd.brands.models import Brand
from oxherd.people.profile_use import Filled, Use, filled, use_of
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import Module, modules_of


@dataclass(frozen=True, slots=True)
class Row:
    profile: Profile
    use: Use

    @property
    def modules(self) -> list[Module]:
        return [module for module in modules_of(self.profile.package) if module.main]

    @property
    def drive(self) -> Filled | None:
        return filled(self.use.drive_used_mb, self.profile.drive_quota_mb, self.use.told)

    @property
    def mail(self) -> Filled | None:
        """Where the platform keeps mailboxes."""
        if not can(self.profile.brand, Ability.MAIL_USAGE):
            return None
        return filled(self.use.mail_used_mb, self.profile.mail_quota_mb, self.use.told)


def rows_of(brand: Brand) -> list[Row]:
    """All profiles of the brand, the lowest rank first: there are few."""
    profiles = list(Profile.objects.filter(brand=brand).select_related("brand").order_by("rank", "name", "pk"))
    uses = use_of(profiles)
    return [Row(profile, uses[profile.pk]) for profile in profiles]
