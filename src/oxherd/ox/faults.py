"""The one place that turns what goes wrong on the wire into our errors.

First by the name of the fault's element, then by its text: by what it contains, never by equality, since the platform
adds `; exceptionId N-M` to every text and wraps texts in one another. The texts are those of App Suite 7.10 and 8.x.
"""

import re
from dataclasses import dataclass, field, replace

import requests

from oxherd import outgoing
from oxherd.errors import (
    PlatformError,
    PlatformMisconfigured,
    PlatformNotFound,
    PlatformRefused,
    PlatformTaken,
    PlatformUnreachable,
)
from oxherd.ox.cloud_texts import BY_CODE, REFUSALS
from oxherd.ox.messages import Fault


class NotUnderstood(PlatformRefused):
    """The platform does not know an element of the request, and so has done nothing."""


_NOISE = re.compile(r"(?:[a-z][\w$]*\.)+[A-Z]\w*(?:Exception|Error)?:? ?|; exceptionId -?\d+-\d+|\b\w+Exception:? ?")
_MISSING = {
    "NoSuchUserException": "The platform does not know this user.",
    "NoSuchContextException": "The platform does not know this context.",
    "NoSuchGroupException": "The platform does not know this group.",
    "NoSuchResourceException": "The platform does not know this resource.",
}
# The user is not what was asked for, but one of the members that were sent.
_WITH_MEMBERS = frozenset({"create", "change", "addMember", "removeMember"})
_MISSING_TEXTS = re.compile(
    r"NoSuch(User|Context|Group|Resource|Object)Exception|^No such (user|context|group|resource)|"
    r"Context \d+ does not exist"
)

# Whatever the element is called: the platform wraps refusals into storage trouble.
_TEXTS: tuple[tuple[str, type[PlatformRefused], str], ...] = (
    (
        r"displayname is already used",
        PlatformTaken,
        "Another user of this customer has this display name. Choose another.",
    ),
    (
        r'mail address "(.*?)" already exists',
        PlatformTaken,
        "Another user of this customer has the primary address {0}. Choose another.",
    ),
    (r"User (.+?) already exists", PlatformTaken, "This customer has a user named {0} already."),
    (r"Group (?:(.+?) )?already exists", PlatformTaken, "This customer has a group of this name already."),
    (r"Group with id \d+ cannot be deleted", PlatformRefused, "The group of all users cannot be deleted."),
    (
        r"Resource with this email address already exists",
        PlatformTaken,
        "Another resource of this customer has this address. Choose another.",
    ),
    (r"Resource (.+?) already exists", PlatformTaken, "This customer has a resource named {0} already."),
    (
        r"User with id \d+ not found|User \d+ is a guest user",
        PlatformRefused,
        "This user cannot manage a resource: it is a guest, or unknown to the platform. Choose another.",
    ),
    (r"Context (.+?) already exists", PlatformTaken, "The platform has a context {0} already."),
    (r"Cannot map '(.*?)'", PlatformRefused, "The login mapping {0} belongs to somebody else. Remove it there first."),
    (
        r'mapping with login info "(.*?)" already exists',
        PlatformRefused,
        "The login mapping {0} belongs to somebody else. Remove it there first.",
    ),
    (
        r"Quota cannot be changed for user",
        PlatformRefused,
        "The user has no file store of its own, so the drive quota cannot change. Have the operator move it to one.",
    ),
    (
        r"Maximum (?:overall )?number of (contexts|users)[^:]*reached: (?:\w+:)?(\d+)",
        PlatformRefused,
        "The platform allows no more {0}: the limit is {1}. Have the limit raised, or remove some first.",
    ),
    (
        r"Maximum overall context quota reached: (\d+)",
        PlatformRefused,
        "The platform allows no more storage: the limit is {0} MB. Have the limit raised, or lower a quota first.",
    ),
    (
        r"Maximum ",
        PlatformRefused,
        "A limit of the platform is reached. Have the limit raised, or remove something first.",
    ),
    (
        r'Illegal chars: "(.*?)" in login mapping',
        PlatformRefused,
        "The platform does not allow {0} in a login mapping. Change the mapping.",
    ),
    (r'Illegal chars: "(.*?)"', PlatformRefused, "The platform does not allow {0} in this name. Change the name."),
    (
        r"must be present in set of aliases",
        PlatformRefused,
        "The aliases must hold the primary address and the address that the user sends from. Add it again.",
    ),
    (r"Changing username is disabled", PlatformRefused, "The platform does not allow to change user names."),
    (r"primary mail must not be changed", PlatformRefused, "The platform does not allow to change primary addresses."),
    (r"[Ll]anguage must contain an underscore", PlatformRefused, "The language must look like en_US. Choose another."),
    (r"timezone is invalid", PlatformRefused, "The platform does not know this time zone. Choose another."),
    (
        r'No such access combination name "(.*?)"',
        PlatformRefused,
        "The platform does not know the access combination {0}. Correct the profile.",
    ),
    (r"Invalid access combination name", PlatformRefused, "The platform does not know this access combination."),
    (
        r"Invalid email address: ?([^\s;]+)",
        PlatformRefused,
        "The platform does not accept the address {0}. Correct it.",
    ),
    (r"Invalid email address", PlatformRefused, "The platform does not accept this address. Correct it."),
    (r"Invalid (?:group|resource) name", PlatformRefused, "The platform does not accept this name. Change it."),
    (r"Admin delete not supported", PlatformRefused, "A customer's administrator cannot be deleted on the platform."),
    (
        r"(?i)image.{0,40}too (?:large|big)",
        PlatformRefused,
        "The photo is too large for the platform. Use a smaller one.",
    ),
)
_RULES: tuple[tuple[re.Pattern[str], type[PlatformError], str], ...] = tuple(
    (re.compile(pattern), kind, sentence)
    for pattern, kind, sentence in (
        *((each.pattern, each.kind, each.sentence) for each in REFUSALS if each.pattern),
        *_TEXTS,
    )
)
DESCRIBE = "wsdl"  # stands for an operation while a description is read
_OURS_TO_RETRY = ("StorageException", "RemoteException", "DatabaseUpdateException")


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked, for the log and the sentence.

    `context_id` is set when it was about what is in a context; then its administrator asked, or `by_brand` the brand.
    """

    service: str
    operation: str
    context_id: int | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    by_brand: bool = False

    def without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def describe(self, text: str) -> str:
        """The text for the log."""
        where = "" if self.context_id is None else f" in context {self.context_id}"
        return f"{self.service}.{self.operation}{where}: {self.without_secrets(text)}"


def from_fault(fault: Fault, call: Call) -> PlatformError:
    """The error that a SOAP fault stands for."""
    detail = call.describe(f"{fault.name or fault.code}: {fault.text}")
    fault = replace(fault, text=call.without_secrets(fault.text))
    if fault.name == "InvalidCredentialsException":
        return PlatformMisconfigured(_credentials_sentence(fault, call), detail=detail)
    if call.service.endswith("GroupService") and call.operation in _WITH_MEMBERS and _is_about_a_user(fault):
        return PlatformRefused(_member_sentence(fault), detail=detail)
    if fault.name in _MISSING:
        return PlatformNotFound(_MISSING[fault.name], detail=detail)
    return _by_text(fault, detail) or _by_name(fault, detail)


def _by_name(fault: Fault, detail: str) -> PlatformError:
    if fault.name == "ContextExistsException":
        return PlatformTaken("The platform has a context of this id or name already.", detail=detail)
    if "Unexpected element" in fault.text:
        return NotUnderstood("This release of the platform does not know a field that was sent.", detail=detail)
    if fault.name in _OURS_TO_RETRY or (not fault.name and "Client" not in fault.code):
        return PlatformUnreachable("The platform has trouble at the moment. It is tried again.", detail=detail)
    return PlatformRefused(_refused_sentence(fault), detail=detail)


def _by_text(fault: Fault, detail: str) -> PlatformError | None:
    known = from_text(fault.text, detail)
    if known is not None:
        return known
    if _MISSING_TEXTS.search(fault.text):
        return PlatformNotFound("The platform does not know this object.", detail=detail)
    return None


def from_code(code: int, text: str, detail: str) -> PlatformError | None:
    """The error that a code of the Cloud API stands for, with what its title names; None for one that is not known."""
    known = BY_CODE.get(code)
    if known is None:
        return None
    values = known.values_in(text)
    if values is None:  # a title of another release
        return known.kind(said(text), detail=detail)
    plain = [_plain(value or "") for value in values]
    return known.kind(known.sentence.format(*map(_quoted, plain)), detail=detail)


def said(text: str) -> str:
    """The sentence for a refusal that is only known by its text."""
    return f"The platform refused this: {text}{'' if text[-1:] in {'.', '!', '?'} else '.'}"


def from_text(text: str, detail: str) -> PlatformError | None:
    """The error that a text of the platform stands for; None for one that is not known."""
    for pattern, kind, sentence in _RULES:
        match = pattern.search(text)
        if match:
            values = [_quoted(_plain(value or "")) for value in match.groups()]
            return kind(sentence.format(*values), detail=detail)
    return None


def _credentials_sentence(fault: Fault, call: Call) -> str:
    if "Permission denied" in fault.text:
        return "The platform does not allow this to the account that oxherd signs in with. Check its rights."
    if call.context_id is not None and call.by_brand:
        return (
            f"The platform does not let this brand into context {call.context_id}: either the login or password "
            "is wrong, or the context no longer exists there. Correct the brand's settings, or restore the context."
        )
    if call.context_id is None:
        return "The platform does not accept the login or password of this brand. Correct them in its settings."
    return (
        f"The platform does not accept the administrator of context {call.context_id}: either its password was changed "
        "there, or the context no longer exists on the platform. Restore one or the other."
    )


def _is_about_a_user(fault: Fault) -> bool:
    return "NoSuchUserException" in f"{fault.name} {fault.text}" or "No such user" in fault.text


def _member_sentence(fault: Fault) -> str:
    if "guest" in fault.text:
        return "Guests cannot be members of a group. Take them out of it."
    return "The platform does not know one of the members. Take that user out of the group, or add the user anew."


def _refused_sentence(fault: Fault) -> str:
    plain = _plain(fault.text)
    if not plain:
        return "The platform refused this without giving a reason."
    return said(plain)


def _plain(text: str) -> str:
    return " ".join(_NOISE.sub("", text).split())[:300]


def _quoted(text: str) -> str:
    return f'"{text}"' if text and not text.isalnum() and "@" not in text else text


_STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    200: (PlatformUnreachable, "The platform's answer could not be understood. It is tried again."),
    401: (PlatformMisconfigured, "The platform's web server denies access. Check the API URL."),
    403: (PlatformMisconfigured, "The platform's web server denies access. Check the API URL."),
    407: (PlatformMisconfigured, "The proxy before the platform denies access. Check its settings."),
    413: (PlatformRefused, "This is too large for the platform, probably the photo. Use a smaller one."),
}


def from_status(status: int, call: Call, content: bytes) -> PlatformError:
    """The error for an answer that is not SOAP; its beginning goes into the log.

    404 means a wrong address while the description is read; a service that had one is only starting anew.
    """
    detail = call.describe(f"HTTP {status}: {content[:200].decode('utf-8', 'replace')}")
    if status // 100 == requests.codes.multiple_choices // 100:
        sentence = "The platform's address leads to another address. Enter that one as the API URL."
        return PlatformMisconfigured(sentence, detail=detail)
    if status == requests.codes.not_found and call.operation == DESCRIBE:
        sentence = f"The platform offers no {call.service} at this address. Check the API URL."
        return PlatformMisconfigured(sentence, detail=detail)
    again = f"The platform answered with an error (HTTP {status}). It is tried again."
    kind, sentence = _STATUSES.get(status, (PlatformUnreachable, again))
    return kind(sentence, detail=detail)


def from_transport(error: requests.RequestException, call: Call) -> PlatformError:
    """The error for a connection that failed; whether the platform carried the call out is not known."""
    detail = call.describe(f"{type(error).__name__}: {error}")
    if isinstance(error, outgoing.DestinationForbidden):
        return PlatformMisconfigured(
            "The API URL leads to an address that no platform has (link-local, or a cloud's metadata). Correct it.",
            detail=detail,
        )
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" in str(error).upper():
        return PlatformMisconfigured(
            "The platform's certificate cannot be verified. Check the API URL, or have the certificate renewed.",
            detail=detail,
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError)):
        return PlatformMisconfigured("The API URL of the platform is not a web address. Correct it.", detail=detail)
    return PlatformUnreachable(_transport_sentence(error), detail=detail)


def _transport_sentence(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "The platform did not accept a connection in time. It is tried again."
    if isinstance(error, requests.Timeout):
        return "The platform did not answer in time. It is tried again."
    return "The connection to the platform failed. It is tried again."
