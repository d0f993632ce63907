"""Audit entries and failures in words that a person reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oxherd.audit.models import AuditEntry
from oxherd.brands.states import MailOfDisabled
from oxherd.domains.models import readable, shown
from oxherd.domains.states import Proof
from oxherd.groups.states import Senders
from oxherd.panel.forms.choices import LANGUAGES
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import JobState
from oxherd.tenants.states import TenantState

LABELS = {
    "display_name": "Display name",
    "given_name": "Given name",
    "surname": "Surname",
    "login": "Login",
    "language": "Language",
    "time_zone": "Time zone",
    "profile": "Profile",
    "primary_address": "Primary address",
    "aliases": "Aliases",
    "photo": "Photo",
    "app_passwords": "Application password",
    "reason": "Reason",
}
# Of other objects than users, by the entry's kind.
LABELS_OF = {
    "domain": {"domain": "Domain", "catch_all": "Catch-all", "proof": "Verified", "selector": "DKIM selector"},
    "group": {
        "display_name": "Group name",
        "name": "Name in OX",
        "address": "Mail address",
        "members": "Members",
        "members_added": "Members added",
        "members_removed": "Members removed",
        "outside": "Outside addresses",
        "senders": "Who may write to it",
    },
    "resource": {
        "name": "Resource name",
        "manager": "Resource manager",
        "display_name": "Display name",
        "description": "Description",
        "address": "Resource email",
    },
    "forwarder": {"address": "Address", "recipients": "Passes mail on to"},
    "identityprovider": {
        "name": "Name",
        "kind": "Kind",
        "is_enabled": "Offered at the sign-in",
        "is_required": "Required",
        "creates_administrators": "Adds new administrators",
        "vouches_for_mail": "Its addresses count as verified",
        "checks_second_factor": "Checks the second factor",
        "mail_claim": "Claim of the address",
        "name_claim": "Claim of the name",
        "groups_claim": "Claim of the groups",
        "issuer": "Issuer",
        "client_id": "Client ID",
        "client_secret": "Client secret",
        "scopes": "Scopes",
        "metadata_url": "Metadata URL",
        "entity_id": "Entity ID",
        "sso_url": "Sign-in address",
        "certificates": "Certificates",
        "allows_unasked": "Takes sign-ins that begin there",
        "mail_domains": "Mail domains",
        "group_roles": "Roles of groups",
    },
    "brand": {
        "name": "Name",
        "api_url": "API URL",
        "username": "Username",
        "password": "Password",
        "app_suite_url": "App Suite URL",
        "service_url": "Service URL",
        "concurrency": "Objects at once",
        "unique_display_names": "Display names once in a context",
        "username_changeable": "User names can be changed",
        "carries_mail": "Mail carried here",
        "mail_of_disabled": "Mail to users without OX",
        "mail_hosts": "Mail hosts",
        "spf_include": "SPF include",
        "dkim_selector": "DKIM selector",
        "dkim_target": "DKIM target",
        "dmarc": "DMARC record",
        "autodiscover_host": "Autodiscover host",
        "autoconfig_host": "Autoconfig host",
        "colour": "Colour",
        "logo": "Logo",
        "is_open": "Requests taken",
        "webmail_hosts": "Webmail hosts",
        "token_secret": "Token secret",
        "http_api_url": "HTTP API URL",
        "session_api_url": "Session API URL",
        "session_api_login": "Session API login",
        "session_api_password": "Session API password",
    },
    "profile": {
        "name": "Name",
        "access_combination": "Feature level",
        "class_of_service": "Class of service",
        "mail_quota_mb": "Mail quota (MB)",
        "drive_quota_mb": "Drive quota (MB)",
        "documents": "Documents",
        "guard": "Guard",
        "rank": "Rank",
        "price_label": "Price",
        "users": "Users",
    },
    "apsconsumer": {"key": "Key", "revoked": "Revoked"},
    "apsenrolment": {"until": "Can be used until"},
    "apsinstance": {
        "aps_id": "APS id",
        "trusted_by": "Trusted by",
        "controller_url": "Address of the controller",
        "panel_hosts": "Addresses of the control panel",
        "version": "Version of the package",
    },
    "tenant": {
        "name": "Name",
        "state": "State",
        "seats": "Seats",
        "domain_limit": "Domains at most",
        "subdomain_limit": "Subdomains at most",
        "group_limit": "Groups at most",
        "resource_limit": "Resources at most",
        "quota_mb": "Storage in all (MB)",
        "self_service": "Self-service page",
        "context_name": "Context in OX",
        "reason": "Reason",
    },
}


# How the values of some keys are told.
def _moment(text: str) -> str:
    """A point in time as it is recorded (ISO 8601), for people; what is none, such as a day, stays as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC" if at.tzinfo else text


WORDS: dict[str, Callable[[str], str]] = {
    "language": lambda code: dict(LANGUAGES).get(code, code),
    "domain": shown,
    "state": lambda state: str(dict(TenantState.choices).get(state, state)),
    "senders": lambda senders: str(dict(Senders.choices).get(senders, senders)),
    "mail_of_disabled": lambda choice: str(dict(MailOfDisabled.choices).get(choice, choice)),
    "until": _moment,
    "proof": lambda proof: str(dict(Proof.choices).get(proof, "")),
}
MEMBERS = {"members", "members_added", "members_removed", "recipients", "outside"}
ADDRESSES = {"login", "primary_address", "aliases", "address", "manager", "catch_all", *MEMBERS}
# Ids beside names that say the same.
FOR_PROGRAMS = {"added", "removed", "manager_id", "users", "others"}
MOST_MEMBERS = 8


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    what: str
    who: str
    door: str
    at: datetime
    changes: tuple[Change, ...]
    undo_url: str = ""  # empty: it cannot be taken back, or not any more
    was_undone: bool = False
    undoes: str = ""  # the act that this one took back


def told(entry: AuditEntry, **undo: Any) -> Entry:
    """One entry of the history with what was before and what is now. undo: of `Entry`, what there is to say of that."""
    labels = LABELS_OF.get(entry.subject_kind, LABELS)
    changes = tuple(
        Change(label, _value(key, entry.before.get(key)), _value(key, entry.after.get(key)))
        for key, label in labels.items()
        if key in entry.before or key in entry.after
    )
    seen = tuple(change for change in changes if change.before != change.after)
    return Entry(entry.what, entry.actor, entry.get_door_display(), entry.at, seen, **undo)


def compared(entry: AuditEntry) -> list[Change]:
    """All values of an entry side by side, also those that a history leaves out."""
    labels = LABELS | LABELS_OF.get(entry.subject_kind, {})
    keys = [key for key in {**entry.before, **entry.after} if key not in FOR_PROGRAMS]
    return [
        Change(labels.get(key) or _label(key), _value(key, entry.before.get(key)), _value(key, entry.after.get(key)))
        for key in sorted(keys, key=lambda key: list(labels).index(key) if key in labels else len(labels))
    ]


def what_to_do(job: SyncJob) -> str:
    """What a person can do about a job that needs one."""
    return {
        JobState.REFUSED: "Change what OX does not accept: that sends it again. If it was mended in OX, press Retry.",
        JobState.STUCK: "Nothing is lost. Press Retry when the OX platform can be reached again.",
        JobState.FAILED: "Press Retry once. If it fails again, tell the operator the time of the failure.",
    }.get(JobState(job.state), "")


def worded(key: str, value: Any) -> str:
    """One value of an entry in words; empty for none."""
    return _value(key, value)


def _label(key: str) -> str:
    """Of a value that has no label of its own."""
    words = key.replace("_", " ").replace(" mb", " (MB)")
    return words[:1].upper() + words[1:]


def _value(key: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {True: "Yes", False: "No"}.get(value, "")  # type: ignore[arg-type]  # None is none of them
    if key in MEMBERS and isinstance(value, list) and len(value) > MOST_MEMBERS:
        named = _value(key, value[:MOST_MEMBERS])
        return f"{named} and {len(value) - MOST_MEMBERS:,} more"
    if isinstance(value, dict):  # seats by profile
        value = [f"{name} {'unlimited' if number is None else number}" for name, number in value.items()]
    if isinstance(value, list):
        return ", ".join(_value(key, each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(key, each) or 'none'}" for name, each in value.items())
    if key in WORDS:
        return WORDS[key](str(value))
    return readable(str(value)) if key in ADDRESSES and "@" in str(value) else str(value)
