"""OXResellerService: what a brand's own account may do, and its settings. Nothing of it touches customers."""

from collections.abc import Collection, Mapping
from typing import Any

from lxml import etree

from oxherd.ox.calls import Ask, secrets_of
from oxherd.ox.data import BrandAccount
from oxherd.ox.dialect import Dialect
from oxherd.ox.messages import Misfit

RESELLERS = "OXResellerService"
# The platform's names of limits, and ours.
CONTEXTS, USERS = "Subadmin.MaxContext", "Subadmin.MaxOverallUser"
USERS_WITH = "Subadmin.MaxOverallUserByModuleaccess_"  # and the access combination's name


class Reseller(Dialect):
    """The part of the OX Cloud dialect that is about the brand itself."""

    def own_account(self) -> BrandAccount:
        """The brand as the platform holds it."""
        element = self._caller.bare(self._of_own("getSelfData", adminName=self._connection.login))
        limits = {_text(each, "name"): _text(each, "value") for each in _named(element, "restrictions")}
        entries = [entry for map_ in _named(element, "configuration") for entry in _named(map_, "entries")]
        return BrandAccount(
            login=_text(element, "name"),
            display_name=_text(element, "displayname"),
            most_contexts=_number(limits.get(CONTEXTS)),
            most_users=_number(limits.get(USERS)),
            configuration={_text(entry, "key"): _text(entry, "value") for entry in entries},
            combinations=tuple(name.removeprefix(USERS_WITH) for name in limits if name.startswith(USERS_WITH)),
        )

    def configure(self, settings: Mapping[str, str], *, forget: Collection[str] = ()) -> None:
        """Set properties of App Suite for all users of the brand, such as those of its upsell, and forget others.

        A brand changes nothing else of itself: name, password and limits come from above.
        """
        entries = [{"key": key, "value": value} for key, value in settings.items()]
        adm: dict[str, Any] = {"name": self._connection.login}
        if entries:
            adm["configurationToAdd"] = {"entries": entries}
        if forget:
            adm["configurationToRemove"] = list(forget)
        self._caller.do(self._of_own("changeSelf", adm=adm))

    def _of_own(self, operation: str, **arguments: Any) -> Ask:
        arguments["creds"] = self._own_credentials
        secrets = secrets_of(self._connection.password)
        return Ask(RESELLERS, operation, arguments, secrets=secrets, by_brand=True)


def _named(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if etree.QName(child).localname == name]


def _text(element: etree._Element, name: str) -> str:
    return next(((child.text or "").strip() for child in _named(element, name)), "")


def _number(text: str | None) -> int | None:
    """-1 and none: no limit."""
    if not text:
        return None
    try:
        number = int(text)
    except ValueError as error:
        raise Misfit("a limit of the brand is no number") from error
    return number if number >= 0 else None
