"""What the doctor asks a platform, and how it answers in sentences."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from lxml import etree

from oxherd.errors import PlatformError
from oxherd.ox.calls import Ask, Caller
from oxherd.ox.descriptions import Field, Service
from oxherd.ox.dialect import Services
from oxherd.ox.interface import Finding, PlatformReport
from oxherd.ox.messages import NIL, leaf_value
from oxherd.ox.resources import has_managers
from oxherd.ox.rest import DONE, UNAUTHORIZED, Rest

_CLOUD_API = "cloud_api"
_NEEDED = {
    "contexts": frozenset(
        {"change", "createModuleAccessByName", "delete", "disable", "enable", "exists", "getData", "list"}
    ),
    "users": frozenset(
        {"change", "changeByModuleAccessName", "createByModuleAccessName", "delete", "getAccessCombinationName"}
        | {"getData", "getMultipleData", "listAll"}
    ),
    "groups": frozenset(
        {"addMember", "change", "create", "delete", "getData", "listAll", "listGroupsForUser", "removeMember"}
    ),
    "resources": frozenset({"change", "create", "delete", "getData", "list", "listAll"}),
}


def report(
    caller: Caller,
    services: Services,
    probe: Ask,
    more: Mapping[str, AbstractSet[str]] | None = None,
    *,
    also: Iterable[Finding] = (),
) -> PlatformReport:
    """Services and their operations, release, credentials.

    probe: a call that only reads, by the account of the connection. more: operations of further services by name.
    also: what was found elsewhere.
    """
    needed = {getattr(services, noun): operations for noun, operations in _NEEDED.items()} | dict(more or {})
    findings = (
        *_services(caller, needed),
        *_release(caller, services.users),
        *_managers(caller, services.resources),
        *also,
        _credentials(caller, probe),
    )
    return PlatformReport(findings)


def _services(caller: Caller, needed: Mapping[str, AbstractSet[str]]) -> Iterator[Finding]:
    for name, operations in needed.items():
        try:
            yield _operations(caller.service(name), operations)
        except PlatformError as error:
            yield Finding(name, ok=False, sentence=error.sentence)


def _operations(service: Service, needed: AbstractSet[str]) -> Finding:
    missing = sorted(needed - service.operations.keys())
    if missing:
        sentence = f"{service.name} lacks {', '.join(missing)}. Use a release of App Suite that offers them."
        return Finding(service.name, ok=False, sentence=sentence)
    return Finding(
        service.name, ok=True, sentence=f"{service.name} offers all {len(needed)} operations that are needed."
    )


def _release(caller: Caller, users: str) -> Iterator[Finding]:
    try:
        photos = has_photos(caller.service(users))
    except (PlatformError, KeyError):
        return
    if photos:
        yield Finding("release", ok=True, sentence="The platform is App Suite 8 or newer, by its fields.")
    else:
        yield Finding(
            "release", ok=True, sentence="The platform is App Suite 7.10 or older: photos are not sent to it."
        )


def has_photos(service: Service) -> bool:
    """Whether this release of the platform keeps pictures of users."""
    user = service.operation("change").parameters.fields["usrdata"].record
    return user is not None and "image1" in user.fields


def _managers(caller: Caller, resources: str) -> Iterator[Finding]:
    try:
        known = has_managers(caller.service(resources))
    except (PlatformError, KeyError):
        return
    if not known:
        sentence = "The platform knows no managers of resources: they are not sent to it, and anybody can book."
        yield Finding("managers", ok=True, sentence=sentence)


def _credentials(caller: Caller, probe: Ask) -> Finding:
    try:
        caller.all(probe, anything)
    except PlatformError as error:
        return Finding("credentials", ok=False, sentence=error.sentence)
    return Finding("credentials", ok=True, sentence="The platform accepts the login and password.")


def cloud_api(rest: Rest, pattern: str) -> tuple[Finding, bool | None]:
    """Whether users can go by the Cloud API v2; None while that cannot be told. pattern: of contexts, for the question.

    A web server without it answers 404, or whatever its pages are.
    """
    try:
        status, told = rest.look("/contexts", query={"pattern": pattern})
    except PlatformError as error:
        return Finding(_CLOUD_API, ok=False, sentence=error.sentence), None
    if status == UNAUTHORIZED:
        sentence = "The Cloud API v2 does not accept the login or password of this brand. Correct them in its settings."
        return Finding(_CLOUD_API, ok=False, sentence=sentence), None
    if isinstance(told, list) if status in DONE else isinstance(told, dict) and "errors" in told:
        return Finding(_CLOUD_API, ok=True, sentence="The Cloud API v2 answers: users go through it."), True
    return Finding(_CLOUD_API, ok=True, sentence="There is no Cloud API v2 at this address: users go by SOAP."), False


def text(element: etree._Element, described: Field) -> str | None:
    """A text, or nothing where the platform has none to tell."""
    return None if element.get(NIL) in ("true", "1") else str(leaf_value(element, described))


def anything(element: etree._Element, described: Field) -> None:
    """The answer does not matter, only that there is one."""
