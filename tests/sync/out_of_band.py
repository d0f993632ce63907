"""What people do on the platform behind the panel's back: many changes, drawn by chance, each to another object."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tests.cast import Cast
from tests.pictures import picture

from oxherd.groups.models import Group
from oxherd.ox.interface import (
    ContextAccess,
    ContextChange,
    GroupChange,
    GroupData,
    Platform,
    ResourceChange,
    ResourceData,
    UserChange,
    UserData,
)
from oxherd.people.models import OxAccount
from oxherd.resources.models import Resource

Found = tuple[str, str, str]
NEW = UserData(
    name="",
    display_name="",
    given_name="New",
    surname="User",
    primary_address="",
    aliases=(),
    language="de_DE",
    timezone="Europe/Berlin",
    password="a password in OX",
    drive_quota_mb=1000,
    photo=None,
    access_combination="groupware_standard",
    marker="by-hand",
)


@dataclass
class OutOfBand:
    """Changes on the platform; `made` is what a comparison must find: kind of object, kind of difference, name."""

    cast: Cast
    platform: Platform
    access: ContextAccess
    chance: Random
    made: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        tenant = self.cast.acme
        self.accounts = self._drawn(OxAccount.objects.filter(tenant=tenant).select_related("user").order_by("pk"))
        self.groups = self._drawn(Group.objects.filter(tenant=tenant).order_by("pk"))
        self.resources = self._drawn(Resource.objects.filter(tenant=tenant).order_by("pk"))
        self.stay: list[int] = []  # users who are on the platform throughout

    def users_change(self, number: int) -> None:
        """One field each, of all that there are."""
        for index in range(number):
            account = next(self.accounts)
            self.stay.append(account.ox_id or 0)
            change = CHANGES[index % len(CHANGES)](account, index)
            self.platform.change_user(self.access, account.ox_id or 0, change)
            self._note("user", "different", account.user.display_name)

    def users_lose_modules(self, number: int) -> None:
        for _ in range(number):
            account = next(self.accounts)
            self.platform.change_user(self.access, account.ox_id or 0, UserChange(access_combination="webmail"))
            self._note("user", "different", account.user.display_name)

    def users_go(self, number: int) -> None:
        for _ in range(number):
            account = next(self.accounts)
            self.platform.remove_user(self.access, account.ox_id or 0)
            self._note("user", "missing", account.user.display_name)

    def users_come(self, number: int) -> None:
        for index in range(number):
            name, address = f"Stranger {index}", f"stranger{index}@acme.test"
            aliases = (address, f"also.stranger{index}@acme.test")
            user = replace(NEW, name=address, display_name=name, primary_address=address, aliases=aliases)
            user = replace(user, photo=picture("JPEG") if index % 5 == 0 else None)
            self.stay.append(self.platform.create_user(self.access, user))
            self._note("user", "stranger", name)

    def groups_change(self, number: int) -> None:
        for index in range(number):
            group = next(self.groups)
            ox_id = group.ox_id or 0
            if index % 2:
                change = GroupChange(name=f"renamed-{index}", display_name=f"Renamed {index}")
                self.platform.change_group(self.access, ox_id, change)
            else:
                there = set(group.applied["members"])
                new = [user for user in self.stay if user not in there]
                self.platform.add_members(self.access, ox_id, self.chance.sample(new, 3))
                gone = [user for user in self.stay if user in there]
                self.platform.remove_members(self.access, ox_id, gone[:1])
            self._note("group", "different", group.display_name)

    def groups_go_and_come(self, number: int) -> None:
        for index in range(number):
            group = next(self.groups)
            self.platform.remove_group(self.access, group.ox_id or 0)
            self._note("group", "missing", group.display_name)
            members = tuple(self.chance.sample(self.stay, 2))
            self.platform.create_group(self.access, GroupData(f"pirates-{index}", f"Pirates {index}", members))
            self._note("group", "stranger", f"Pirates {index}")

    def resources_change(self, number: int) -> None:
        for index in range(number):
            resource = next(self.resources)
            change = (
                ResourceChange(description=f"Out of band {index}"),
                ResourceChange(address=f"moved{index}@acme.test", name=f"moved-{index}"),
                ResourceChange(manager_id=self.chance.choice(self.stay)),
            )[index % 3]
            self.platform.change_resource(self.access, resource.ox_id or 0, change)
            self._note("resource", "different", resource.display_name)

    def resources_go_and_come(self, number: int) -> None:
        for index in range(number):
            resource = next(self.resources)
            self.platform.remove_resource(self.access, resource.ox_id or 0)
            self._note("resource", "missing", resource.display_name)
            data = ResourceData(f"ship-{index}", f"Ship {index}", "", f"ship{index}@acme.test", self.stay[index])
            self.platform.create_resource(self.access, data)
            self._note("resource", "stranger", f"Ship {index}")

    def the_context_changes(self) -> None:
        change = ContextChange(quota_mb=7000, login_mappings=("acme.test", "second.test"))
        self.platform.change_context(self.access.context_id, change)
        self._note("context", "different", "Acme")

    def _note(self, object_kind: str, kind: str, name: str) -> None:
        self.made.append((object_kind, kind, name))

    def _drawn(self, rows: Any) -> Iterator[Any]:
        found = list(rows)
        self.chance.shuffle(found)
        return iter(found)


CHANGES: tuple[Callable[[OxAccount, int], UserChange], ...] = (
    lambda _, index: UserChange(display_name=f"Out of band {index}"),
    lambda _, index: UserChange(given_name=f"Given {index}"),
    lambda _, index: UserChange(surname=f"Surname {index}"),
    lambda _, __: UserChange(language="fr_FR"),
    lambda _, __: UserChange(timezone="Asia/Tokyo"),
    lambda _, __: UserChange(drive_quota_mb=5),
    lambda _, __: UserChange(photo=picture("JPEG", (100, 100))),
    lambda account, index: UserChange(aliases=(account.primary_address, f"new{index}@acme.test")),
    lambda account, _: UserChange(aliases=(account.primary_address,)),
    lambda _, index: UserChange(
        primary_address=f"first{index}@acme.test", aliases=(f"first{index}@acme.test", f"second{index}@acme.test")
    ),
)
