"""What on the platform names a user, and so follows when the user comes, goes or gets another id there."""

from django.db import connection

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.groups.models import Group
from oxherd.people.models import ServiceUser
from oxherd.provisioning.commands import follow_up
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.resources.models import Resource
from oxherd.sync.catch_alls import follow_catch_alls
from oxherd.sync.forwarders import follow_forwarders
from oxherd.tenants.models import Tenant

# Most users who come are named by nothing yet: one question in place of four spares the many.
NAMED = """
SELECT EXISTS (SELECT 1 FROM oxherd_member WHERE user_id = %(user)s)
    OR EXISTS (SELECT 1 FROM oxherd_resource WHERE manager_id = %(user)s)
    OR EXISTS (SELECT 1 FROM oxherd_domain WHERE catch_all_id = %(user)s)
    OR EXISTS (SELECT 1 FROM oxherd_recipient WHERE user_id = %(user)s)
"""


def follow(user_id: int) -> None:
    """Ask that the user's groups, resources, forwarders and catch-alls be looked at again; takes no locks."""
    if not _is_named(user_id):
        return
    groups = Group.objects.filter(members__user=user_id, presence=Presence.PRESENT).values_list("pk", flat=True)
    resources = Resource.objects.filter(manager=user_id, presence=Presence.PRESENT).values_list("pk", flat=True)
    follow_forwarders(user_id)
    for tenant in Tenant.objects.filter(domains__catch_all=user_id).select_related("brand").distinct():
        follow_catch_alls(tenant)
    wanted = ((SubjectKind.GROUP, list(groups)), (SubjectKind.RESOURCE, list(resources)))
    if not any(ids for _, ids in wanted):
        return
    actor = system("oxherd", Door.WORKER)
    user = ServiceUser.objects.select_related("tenant").get(pk=user_id)
    for kind, ids in wanted:
        follow_up(actor, kind, ids, place=user)


def _is_named(user_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"user": user_id})
        return bool((cursor.fetchone() or (False,))[0])
