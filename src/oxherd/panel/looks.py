"""How states look: a word, an icon and a tone, so that colour is never the only sign."""

from dataclasses import dataclass
from typing import Any

from oxherd.adoption.models import Adoption
from oxherd.adoption.states import AdoptionState
from oxherd.dkim.models import DkimKey
from oxherd.dkim.states import KeyState
from oxherd.domains.models import Domain
from oxherd.domains.records import Record, RecordState
from oxherd.forwarders.models import Forwarder
from oxherd.groups.models import Group
from oxherd.people.models import ServiceUser
from oxherd.people.states import UserStatus
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import JobState, Presence, SyncStatus
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import RequestState
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState


@dataclass(frozen=True, slots=True)
class Look:
    word: str
    icon: str
    tone: str


USERS = {
    UserStatus.ENABLED: Look("Enabled", "circle-check", "green"),
    UserStatus.DISABLED: Look("Disabled", "circle-off", "grey"),
    UserStatus.IN_PROGRESS: Look("In progress", "loader-2", "blue"),
    UserStatus.ERROR: Look("Error", "alert-circle", "red"),
}
SYNCED = {
    SyncStatus.IN_OX: Look("In OX", "circle-check", "green"),
    SyncStatus.IN_PROGRESS: Look("In progress", "loader-2", "blue"),
    SyncStatus.ERROR: Look("Error", "alert-circle", "red"),
}
CARRIED = Look("Active", "circle-check", "green")  # by mail servers of ours: OX has no part in it
TENANTS = {
    TenantState.ACTIVE: Look("Active", "circle-check", "green"),
    TenantState.SUSPENDED: Look("Suspended", "player-pause", "amber"),
    TenantState.REMOVED: Look("Removed", "trash", "grey"),
    TenantState.LEAVING: Look("Being removed", "loader-2", "grey"),
}
JOBS = {
    JobState.WAITING: Look("Waiting", "clock", "blue"),
    JobState.PARKED: Look("Waiting for something else", "clock", "blue"),
    JobState.RUNNING: Look("On its way to OX", "loader-2", "blue"),
    JobState.DONE: Look("Done", "circle-check", "green"),
    JobState.REFUSED: Look("OX said no", "ban", "red"),
    JobState.STUCK: Look("OX not reachable", "alert-circle", "red"),
    JobState.FAILED: Look("Error in oxherd", "alert-circle", "red"),
    JobState.SUPERSEDED: Look("Overtaken by a newer one", "circle-dashed", "grey"),
}
REMOVED = Look("Deleted", "trash", "grey")
VERIFIED = Look("Verified", "circle-check", "green")
PENDING = Look("Pending", "clock", "amber")
TAKEN = Look("In use elsewhere", "ban", "red")  # a claim whose name another customer has
RECORDS = {
    RecordState.OK: Look("As expected", "circle-check", "green"),
    RecordState.OTHER: Look("Something else", "alert-triangle", "amber"),
    RecordState.MISSING: Look("Missing", "circle-x", "red"),
    RecordState.UNKNOWN: Look("Not known yet", "circle-dashed", "grey"),
    RecordState.NOT_NEEDED: Look("Not needed", "circle-off", "grey"),
    RecordState.NOT_OFFERED: Look("Not configured", "circle-off", "grey"),
}
KEYS = {
    KeyState.WAITING: Look("Waits for its record", "clock", "amber"),
    KeyState.ACTIVE: Look("Signs mail", "circle-check", "green"),
    KeyState.RETIRED: Look("Signs no more", "circle-off", "grey"),
}
REQUESTS = {
    RequestState.OPEN: Look("Open", "clock", "blue"),
    RequestState.APPROVED: Look("Approved", "circle-check", "green"),
    RequestState.REJECTED: Look("Rejected", "circle-x", "grey"),
    RequestState.SUPERSEDED: Look("Overtaken", "circle-dashed", "grey"),
}
ADOPTIONS = {
    AdoptionState.WAITING: Look("Waiting", "clock", "blue"),
    AdoptionState.RUNNING: Look("In progress", "loader-2", "blue"),
    AdoptionState.DONE: Look("Done", "circle-check", "green"),
    AdoptionState.FAILED: Look("Failed", "alert-circle", "red"),
}
LEAVING = Look("Being removed", "loader-2", "grey")
ARRIVING = Look("Being set up", "loader-2", "blue")


def look(of: Any) -> Look:
    """The look of whatever a page shows with its state: a user, a group, a job, a domain, a purchase request, ..."""
    if isinstance(of, ServiceUser | Group | Resource | Forwarder):
        if of.presence != Presence.PRESENT and of.status != SyncStatus.ERROR:
            return LEAVING if of.presence == Presence.LEAVING else REMOVED
        return USERS[UserStatus(of.status)] if isinstance(of, ServiceUser) else _synced(of)
    if isinstance(of, Tenant):
        return ARRIVING if of.state == TenantState.ACTIVE and not of.is_provisioned else TENANTS[TenantState(of.state)]
    if isinstance(of, SyncJob | PurchaseRequest):
        return JOBS[JobState(of.state)] if isinstance(of, SyncJob) else REQUESTS[RequestState(of.state)]
    if isinstance(of, Adoption | DkimKey):
        return ADOPTIONS[AdoptionState(of.state)] if isinstance(of, Adoption) else KEYS[KeyState(of.state)]
    if isinstance(of, Domain | Record):
        return RECORDS[of.state] if isinstance(of, Record) else _domain(of)
    raise TypeError(of)


def _synced(of: Group | Resource | Forwarder) -> Look:
    is_carried = isinstance(of, Forwarder) and of.status == SyncStatus.IN_OX and of.tenant.brand.carries_mail
    return CARRIED if is_carried else SYNCED[SyncStatus(of.status)]


def _domain(domain: Domain) -> Look:
    return VERIFIED if domain.is_verified else PENDING
