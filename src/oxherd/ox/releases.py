"""What older releases of the platform have no place for."""

from oxherd.ox import checks
from oxherd.ox.resources import Resources
from oxherd.ox.users import Users


class Releases(Users, Resources):
    """The part of `oxherd.ox.interface.Platform` that tells what is not kept."""

    def not_kept(self) -> frozenset[str]:
        kept = {"photo": checks.has_photos(self._caller.service(self.services.users))}
        kept["manager_id"] = self._has_managers
        return frozenset(name for name, is_kept in kept.items() if not is_kept)
