"""What is in the database, to compare before and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from procrastinate.contrib.django.models import ProcrastinateJob

from oxherd.accounts.models import Administrator, CustomRole, Membership, SignInPolicy
from oxherd.administrators.models import ActingFor, Invitation
from oxherd.app_passwords.models import AppPassword
from oxherd.aps.models import ApsConsumer, ApsEnrolment, ApsEntry, ApsInstance, ApsResource
from oxherd.audit.models import AuditEntry
from oxherd.brands.models import Brand, Inquiry, Logo, Upsell
from oxherd.dkim.models import DkimKey
from oxherd.domains.models import Address, Domain
from oxherd.drift.models import Comparison, Difference, Eviction, RepairOrder
from oxherd.errors import Refused
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.groups.models import Group, Member, OutsideMember
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.profiles.models import Profile
from oxherd.provisioning.models import SyncJob
from oxherd.purchases.models import PurchaseRequest
from oxherd.resources.models import Resource
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.single_sign_on.models import GroupRole, Identity, IdentityProvider, MailDomain, SpentAssertion
from oxherd.tenants.models import Seats, Tenant

ALL = (
    *(Administrator, Membership, Brand, Profile, Tenant, Seats, Domain, Address, ServiceUser, OxAccount, Photo),
    AppPassword,
    *(ApsConsumer, ApsEnrolment, ApsInstance, ApsResource, ApsEntry),
    *(CustomRole, SignInPolicy, Invitation, ActingFor),
    DkimKey,
    *(IdentityProvider, MailDomain, GroupRole, Identity, SpentAssertion),
    *(Group, Member, OutsideMember, Resource, Forwarder, Recipient),
    *(Logo, Upsell, Inquiry, PurchaseRequest),
    *(Comparison, RepairOrder, Difference, Eviction),
    *(Authenticator, Letter, OneTimeLink),
    *(AuditEntry, SyncJob, ProcrastinateJob),
)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that commands write, with all its values."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in ALL}


@contextmanager
def refused(field: str | None) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What runs inside is refused at this field, and leaves everything as it was."""
    before = everything()
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.field == field
    assert everything() == before


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("id")


def waiting(subject: str) -> list[SyncJob]:
    """The open jobs of a subject such as "account:7", each of which one entry of the queue must carry."""
    kind, _, pk = subject.partition(":")
    jobs = list(SyncJob.objects.filter(subject_kind=kind, subject_id=int(pk), state="waiting").order_by("pk"))
    assert queued(subject) == [job.pk for job in jobs]
    return jobs


def queued(subject: str) -> list[int]:
    """The sync jobs that entries of the queue carry for a subject."""
    entries = ProcrastinateJob.objects.filter(lock=subject, status="todo").order_by("id")
    return [entry.args["job_id"] for entry in entries]


def entries_of(tenant: int | None) -> list[int]:
    """The newest audit entry there, and what added a user."""
    pks = AuditEntry.objects.filter(tenant_id=tenant).order_by("-pk").values_list("pk", flat=True)
    return [*pks[:1], *pks.filter(action="user:add")[:1]]
