"""Who is in a group, who manages a resource, and who asks for an upgrade: links, told without a call back.

As in `reporting`: told is what differs from what the controller was told last. What it does not know, it does not link.
"""

import logging
from typing import Any

from oxherd.aps import controllers, progress
from oxherd.aps.controllers import ControllerError
from oxherd.aps.models import ApsResource
from oxherd.aps.states import ResourceState
from oxherd.groups.models import Member
from oxherd.purchases.models import PurchaseRequest
from oxherd.resources.models import Resource

logger = logging.getLogger(__name__)

LINKED = "linked"  # in `reported`: the ids of the users to whom the resource leads, as the controller was told them
RELATIONS = {"group": "members", "resource": "manager", "purchase_request": "requester"}
MOST_AT_ONCE = 200  # of one resource in one report; the next goes on


def tell_links(row: ApsResource) -> bool:
    """Link and unlink what has changed; returns whether all is told. Raises ControllerError for no answer."""
    if row.service not in RELATIONS:
        return True
    before, now = row.reported.get(LINKED, []), _users(row)
    known, wanted = set(before), set(now)
    steps = [("DELETE", each) for each in before if each not in wanted]
    steps += [("POST", each) for each in now if each not in known]
    for method, each in steps[:MOST_AT_ONCE]:
        _tell(row, method, each)
        known ^= {each}
    if steps:
        progress.keep(row, LINKED, sorted(known))
    return len(steps) <= MOST_AT_ONCE


def _users(row: ApsResource) -> list[str]:
    """The APS ids of those users of the controller's who belong to it."""
    ours: dict[str, Any] = {
        "group": Member.objects.filter(group=row.object_pk).values("user"),
        "resource": Resource.objects.filter(pk=row.object_pk).exclude(manager=None).values("manager"),
        "purchase_request": PurchaseRequest.objects.filter(pk=row.object_pk).exclude(user=None).values("user"),
    }
    users = ApsResource.objects.filter(instance=row.instance_id, service="user", state=ResourceState.DONE)
    users = users.filter(object_id__in=ours[row.service])
    return [str(each) for each in users.order_by("pk").values_list("aps_id", flat=True)]


def _tell(row: ApsResource, method: str, user: str) -> None:
    path = f"aps/2/application/{row.service}/{row.aps_id}/{RELATIONS[row.service]}/{user}"
    try:
        controllers.call(row.instance, method, path)
    except ControllerError as error:
        if not error.is_final:
            raise
        logger.info("aps: %s does not take a link of %s: %s", row.instance, row, error.sentence)
