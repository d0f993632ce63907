"""Somebody who works on groups and resources of one customer, while others work on its users and parts are killed."""

import random
import threading
from collections import Counter
from typing import Any

from stage import ask

PAGE = 500


class ObjectDriver(threading.Thread):
    """One command after another; keeps what was acknowledged: name -> display name, None: deleted for good."""

    def __init__(self, actor: Any, tenant: Any, domain: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.actor, self.tenant, self.domain = actor, tenant, domain
        self.chance = random.Random(f"objects {seed}")
        self.stop_now = threading.Event()
        self.groups: dict[str, str | None] = {}
        self.resources: dict[str, str | None] = {}
        self.unsure: set[str] = set()  # names whose last command was cut off
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        from django.db import Error, connection

        while not self.stop_now.is_set():
            act = self.chance.choice([self._group, self._resource])
            kept = self.groups if act == self._group else self.resources
            known = [name for name, shown in kept.items() if shown is not None]
            fresh = not known or self.chance.random() < 0.25
            name = f"{act.__name__[1:]} {len(kept)}" if fresh else self.chance.choice(known)
            self.unsure.add(name)
            try:
                act(name)
                self.unsure.discard(name)
                self.done[act.__name__] += 1
            except Error:  # cut off before the answer: it may or may not have been saved
                connection.close()
                self.stop_now.wait(0.05)
        connection.close()

    def _somebody(self) -> Any:
        from oxherd.people.models import ServiceUser

        present = ServiceUser.objects.filter(tenant=self.tenant, presence="present")
        return present.filter(account__presence="present").order_by("?").first()

    def _group(self, name: str) -> None:
        from oxherd.errors import Refused
        from oxherd.groups import commands
        from oxherd.groups.models import Group

        group = Group.objects.filter(tenant=self.tenant, name=name).select_related("tenant").first()
        users = [user.pk for user in (self._somebody(), self._somebody()) if user]
        shown = f"{name} {self.chance.randrange(10**6)}"
        try:
            if group is None:
                self.groups.setdefault(name, None)
                commands.add_group(
                    actor=self.actor, tenant=self.tenant, display_name=shown, name=name, members=set(users)
                )
            elif group.presence == "removed":
                commands.restore_group(actor=self.actor, group=group)
                shown = group.display_name
            elif self.chance.random() < 0.1:
                commands.remove_group(actor=self.actor, group=group)
                shown = group.display_name
            elif self.chance.random() < 0.05:
                commands.delete_group(actor=self.actor, group=group)
                self.groups[name] = None
                return
            else:
                commands.change_group(
                    actor=self.actor,
                    group=group,
                    display_name=shown,
                    add=users[:1],
                    remove=set(users[1:]) - set(users[:1]),
                )
            self.groups[name] = shown
        except Refused:
            pass  # a user is going just now

    def _resource(self, name: str) -> None:
        from oxherd.errors import Refused
        from oxherd.resources import commands
        from oxherd.resources.models import Resource

        resource = Resource.objects.filter(tenant=self.tenant, name=name).select_related("tenant", "manager").first()
        shown = f"{name} {self.chance.randrange(10**6)}"
        address = f"{name.replace(' ', '-')}@{self.domain}"
        wish = commands.ResourceWish(shown, address, name, manager=self._somebody())
        try:
            if resource is None:
                self.resources.setdefault(name, None)
                commands.add_resource(actor=self.actor, tenant=self.tenant, wish=wish)
            elif resource.presence == "removed":
                commands.restore_resource(actor=self.actor, resource=resource, wish=wish)
            elif self.chance.random() < 0.1:
                commands.remove_resource(actor=self.actor, resource=resource)
                shown = resource.display_name
            elif self.chance.random() < 0.05:
                commands.delete_resource(actor=self.actor, resource=resource)
                self.resources[name] = None
                return
            else:
                commands.change_resource(actor=self.actor, resource=resource, wish=wish)
            self.resources[name] = shown
        except Refused:
            pass  # a user is going just now

    def broken_promises(self) -> list[str]:
        """What was acknowledged and is not so in the end."""
        from oxherd.groups.models import Group
        from oxherd.resources.models import Resource

        wrong = []
        for model, kept in ((Group, self.groups), (Resource, self.resources)):
            held = dict(model.objects.filter(tenant=self.tenant).values_list("name", "display_name"))
            wrong += [
                f"{name} should be {shown!r} and is {held.get(name)!r}"
                for name, shown in kept.items()
                if name not in self.unsure and held.get(name) != shown
            ]
        return wrong


def compare_objects(tenant: Any, sandbox_url: str, found: dict[str, list[str]]) -> None:
    """Groups with their members, and resources with their managers, on both sides."""
    from oxherd.groups.models import Group
    from oxherd.resources.models import Resource
    from oxherd.sync import groups, resources

    for kind, model, wanted in (("groups", Group, groups.wanted), ("resources", Resource, resources.wanted)):
        here = {row.ox_id: row for row in model.objects.filter(tenant=tenant, presence="present")}
        there = {row["id"]: row for row in rows_of(sandbox_url, tenant.context_id, kind) if row["id"] > 2}
        found["lost"] += [f"{row.name} as {number}" for number, row in here.items() if number not in there]
        found["doubled"] += [f"{row['name']} as {number}" for number, row in there.items() if number not in here]
        for number in here.keys() & there.keys():
            wish, row = wanted(here[number]), there[number]
            if difference := different(wish, row):
                found["different"].append(f"{here[number].name}: {difference}")


def different(wish: dict[str, Any], row: dict[str, Any]) -> str:
    held = {
        "name": row.get("name"),
        "display_name": row.get("displayname"),
        "members": sorted(row.get("members") or []),
        "description": row.get("description") or "",
        "address": row.get("email"),
        "manager_id": next((each["entity"] for each in row.get("permissions") or [] if not each["group"]), None),
    }
    return "; ".join(f"{key}: {held[key]!r} not {value!r}" for key, value in wish.items() if held[key] != value)


def rows_of(sandbox_url: str, context_id: int, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = ask("GET", f"{sandbox_url}/sandbox/api/contexts/{context_id}/{kind}?limit={PAGE}&offset={len(rows)}")
        rows += page[kind]
        if len(rows) >= page["total"] or not page[kind]:
            return rows
