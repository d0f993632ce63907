"""OXaaSService of OX Cloud: mailboxes, catch-alls, permissions.

The service is closed source: of most operations only the order of the parameters is known, and the first two are
always the ids of context and user. So values are sent by position, under the names that the platform's own description
gives, and answers are read by what their fields are called, whichever way.
"""

from collections.abc import Collection, Mapping
from typing import Any

from lxml import etree

from oxherd.errors import PlatformNotFound, PlatformRefused
from oxherd.ox.calls import Ask, secrets_of
from oxherd.ox.data import ContextAccess
from oxherd.ox.descriptions import Field
from oxherd.ox.dialect import Dialect
from oxherd.ox.messages import Misfit

OXAAS = "OXaaSService"
NEEDED = frozenset(
    {"createDomainCatchall", "deleteDomainCatchall", "disablePermissions", "enablePermissions", "getMailQuota"}
    | {"getPermissions", "getQuotaUsagePerContext", "getQuotaUsagePerUser", "listDomainCatchalls", "setMailQuota"}
)
_UNLIMITED = 0
_KIB = 1024


class Oxaas(Dialect):
    """The part of `oxherd.ox.interface.Mailboxes` that OXaaSService does."""

    def catch_alls(self, access: ContextAccess) -> dict[str, str]:
        return dict(self._caller.all(self._of_mail(access, "listDomainCatchalls"), _catch_all))

    def set_catch_all(self, access: ContextAccess, domain: str, name: str | None) -> None:
        present = self.catch_alls(access).get(domain.lower())
        if present == name:
            return
        if present is not None:
            self._forget_catch_all(access, domain, present)
        if name is not None:
            self._caller.do(self._of_mail(access, "createDomainCatchall", domain, name))

    def _forget_catch_all(self, access: ContextAccess, domain: str, name: str) -> None:
        self._caller.do_unless_gone(self._of_mail(access, "deleteDomainCatchall", domain, name))

    def mail_quota(self, access: ContextAccess, ox_id: int) -> int | None:
        return self._caller.one(self._of_mail(access, "getMailQuota", ox_id), _number) or None

    def set_mail_quota(self, access: ContextAccess, ox_id: int, quota_mb: int | None) -> None:
        self._caller.do(self._of_mail(access, "setMailQuota", ox_id, quota_mb or _UNLIMITED))

    def mail_usage(self, access: ContextAccess, ox_id: int) -> int | None:
        """The platform refuses while the mailbox was never opened."""
        try:
            return self._caller.one(self._of_mail(access, "getQuotaUsagePerUser", ox_id), _storage)
        except PlatformNotFound:
            raise
        except PlatformRefused:
            return None

    def mail_usage_of_all(self, access: ContextAccess) -> int | None:
        return self._caller.one(self._of_mail(access, "getQuotaUsagePerContext"), _storage)

    def permissions(self, access: ContextAccess, ox_id: int) -> frozenset[str]:
        return frozenset(self._caller.all(self._of_mail(access, "getPermissions", ox_id), _text))

    def set_permissions(
        self, access: ContextAccess, ox_id: int, *, on: Collection[str] = (), off: Collection[str] = ()
    ) -> None:
        for operation, names in (("enablePermissions", on), ("disablePermissions", off)):
            if names:
                self._caller.do(self._of_mail(access, operation, ox_id, list(names)))

    def _of_mail(self, access: ContextAccess, operation: str, *values: Any) -> Ask:
        described = self._caller.service(OXAAS).operation(operation).parameters.fields
        fields = sorted(described.values(), key=_position)
        given = (access.context_id, *values, self._own_credentials)
        if len(fields) < len(given):
            raise PlatformRefused(f"The platform's {operation} takes other values than are known. Tell its operator.")
        arguments = {each.name: _fitting(each, value) for each, value in zip(fields, given, strict=False)}
        secrets = secrets_of(self._connection.password)
        return Ask(OXAAS, operation, arguments, access.context_id, secrets, by_brand=True)


def _position(described: Field) -> int:
    return described.position


def _fitting(described: Field, value: Any) -> Any:
    """Numbers may be described as text."""
    return str(value) if described.leaf is str and isinstance(value, int) else value


def _catch_all(element: etree._Element, _described: Field) -> tuple[str, str]:
    values = _by_name(element)
    domain = next((values[name] for name in ("domain", "domainname") if name in values), None)
    user = next((values[name] for name in ("user", "username", "login", "name") if name in values), None)
    if domain is None or user is None:
        raise Misfit("a catch-all without domain or user")
    return domain.lower(), user


def _storage(element: etree._Element, _described: Field) -> int:
    """KiB on the wire; begun megabytes count."""
    return -(-_as_number(_by_name(element).get("storage", element.text)) // _KIB)


def _number(element: etree._Element, _described: Field) -> int:
    return _as_number(element.text)


def _text(element: etree._Element, _described: Field) -> str:
    return (element.text or "").strip()


def _by_name(element: etree._Element) -> Mapping[str, str]:
    return {etree.QName(child).localname.lower(): (child.text or "").strip() for child in element}


def _as_number(text: str | None) -> int:
    try:
        return int((text or "").strip())
    except ValueError as error:
        raise Misfit("the answer is no number") from error
