"""Resources (rooms, cars, projectors), by SOAP."""

from collections.abc import Iterator
from typing import Any

from oxherd.ox import records
from oxherd.ox.calls import Ask
from oxherd.ox.descriptions import Service
from oxherd.ox.dialect import Dialect
from oxherd.ox.interface import ContextAccess, FoundResource, ResourceChange, ResourceData


class Resources(Dialect):
    """The part of `oxherd.ox.interface.Platform` that is about resources."""

    def create_resource(self, access: ContextAccess, data: ResourceData) -> int:
        return self._caller.one(self._of_resources(access, "create", res=records.new_resource(data)), records.found_id)

    def find_resource(
        self, access: ContextAccess, *, ox_id: int | None = None, name: str | None = None
    ) -> FoundResource | None:
        """App Suite 8.19 answers getData without the permissions that its lists have."""
        key = {"name": name} if ox_id is None else {"id": ox_id}
        found = self._caller.one_if_any(self._of_resources(access, "getData", res=key), records.found_resource)
        if found is None or found.manager_id is not None or not self._has_managers:
            return found
        alike = self._caller.all(self._of_resources(access, "list", pattern=found.name), records.found_resource)
        return next((resource for resource in alike if resource.ox_id == found.ox_id), found)

    def change_resource(self, access: ContextAccess, ox_id: int, change: ResourceChange) -> None:
        values = records.changed_resource(change)
        if values:
            self._caller.do(self._of_resources(access, "change", res={"id": ox_id, **values}))

    def remove_resource(self, access: ContextAccess, ox_id: int) -> None:
        self._caller.do_unless_gone(self._of_resources(access, "delete", res={"id": ox_id}))

    def list_resources(self, access: ContextAccess) -> Iterator[FoundResource]:
        return self._caller.each(self._of_resources(access, "listAll"), records.found_resource)

    @property
    def _has_managers(self) -> bool:
        return has_managers(self._caller.service(self.services.resources))

    def _of_resources(self, access: ContextAccess, operation: str, **arguments: Any) -> Ask:
        return self._inside(access, self.services.resources, operation, **arguments)


def has_managers(service: Service) -> bool:
    """Whether this release of the platform knows permissions on resources."""
    resource = service.operation("change").parameters.fields["res"].record
    return resource is not None and "permissions" in resource.fields
