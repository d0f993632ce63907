from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from oxherd.domains.models import readable
from oxherd.groups.states import Senders
from oxherd.people.search import Searchable
from oxherd.provisioning.models import REMOVED, Removable
from oxherd.provisioning.states import Presence, SyncStatus


class Group(Searchable, Removable):
    """Users of a tenant under one name."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)  # as the platform takes it: once in a context, whatever its case
    display_name = models.CharField(max_length=200)
    senders = models.CharField(max_length=10, choices=Senders, default=Senders.ANYONE)
    status = models.CharField(max_length=20, choices=SyncStatus, default=SyncStatus.IN_PROGRESS)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    # What the platform knows: name, display name, and the platform's ids of the members.
    ox_id = models.PositiveIntegerField(null=True)
    applied = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant", Lower("name"), name="group_name_once", condition=~Q(presence=Presence.REMOVED)
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "sort_name", "id"], name="group_by_name"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="group_by_age"),
            models.Index(fields=["tenant", "ox_id"], name="group_by_ox_id"),
            GinIndex(fields=["search"], name="group_search"),
            models.Index(fields=["tenant", "-removed_at", "-id"], name="group_removed", condition=REMOVED),
            models.Index(fields=["removed_at", "id"], name="group_to_purge", condition=REMOVED),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id


class Member(models.Model):
    """That a user belongs to a group. Who was removed stays in here until the end, and comes back by a restore."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(name="member_once", fields=["group", "user"])]


class OutsideMember(models.Model):
    """An address of elsewhere that gets a group's mail too; the platform does not know it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="outside_members")
    address = models.CharField(max_length=320)  # stored form

    class Meta:
        constraints = [models.UniqueConstraint(name="outside_member_once", fields=["group", "address"])]
        indexes = [models.Index(fields=["address"], name="outside_member_by_address")]

    def __str__(self) -> str:
        return readable(self.address)


class GroupDraft(models.Model):
    """A group that an administrator is about to add or to change: what was typed, and who shall come or go."""

    key = models.UUIDField(default=uuid4, primary_key=True)
    administrator = models.ForeignKey("oxherd.Administrator", on_delete=models.CASCADE, related_name="group_drafts")
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="group_drafts")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="drafts", null=True)  # none: a new one
    fields = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_draft_of_a_group", fields=["administrator", "group"])]


class DraftMember(models.Model):
    """That a user shall come into the group of a draft, or go."""

    draft = models.ForeignKey(GroupDraft, on_delete=models.CASCADE, related_name="changes")
    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.CASCADE, related_name="+")
    joins = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(name="draft_member_once", fields=["draft", "user"])]
