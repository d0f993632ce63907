"""Panel and stand-in, object by object: what is lost, doubled, different or stuck."""

from typing import Any

from objects import compare_objects
from stage import ask

PAGE = 500


def differences(sandbox_url: str) -> dict[str, list[str]]:
    """All that does not agree, by kind; empty lists where all is well."""
    from oxherd.tenants.models import Tenant

    found: dict[str, list[str]] = {"lost": [], "doubled": [], "different": [], "stuck": stuck()}
    tenants = {tenant.context_id: tenant for tenant in Tenant.objects.all()}
    contexts = {row["id"]: row for row in ask("GET", f"{sandbox_url}/sandbox/api/contexts?limit=1000")["contexts"]}
    found["lost"] += [f"context {number}" for number in tenants.keys() - contexts.keys()]
    found["doubled"] += [f"context {number}" for number in contexts.keys() - tenants.keys()]
    for number in tenants.keys() & contexts.keys():
        compare_users(tenants[number], users_of(sandbox_url, number), found)
        compare_objects(tenants[number], sandbox_url, found)
    return found


def compare_users(tenant: Any, there: dict[int, dict[str, Any]], found: dict[str, list[str]]) -> None:
    from oxherd.people.models import OxAccount

    accounts = (
        OxAccount.objects.filter(tenant=tenant)
        .select_related("user", "profile", "tenant")
        .prefetch_related("user__addresses")
    )
    # Who was removed before OX had made the user is not made for being locked.
    here = {account.ox_id: account for account in accounts if account.ox_id or account.presence != "removed"}
    found["lost"] += [f"{account.user.login} as {number}" for number, account in here.items() if number not in there]
    found["doubled"] += [f"{row['name']} as {number}" for number, row in there.items() if number not in here]
    for number in here.keys() & there.keys():
        wanted, row = expected(here[number]), there[number]
        held = {**row, "aliases": sorted(row.get("aliases", []))}
        wrong = [
            f"{field}: {held.get(field)!r} not {value!r}" for field, value in wanted.items() if held.get(field) != value
        ]
        if wrong:
            found["different"].append(f"{wanted['name']}: {'; '.join(wrong)}")


def expected(account: Any) -> dict[str, Any]:
    """The account's user as the stand-in should show it."""
    user = account.user
    shown = {
        "mailenabled": True,
        "name": user.login,
        "display_name": user.display_name,
        "given_name": user.given_name,
        "sur_name": user.surname,
        "primaryEmail": account.primary_address,
        "email1": account.primary_address,
        "aliases": sorted({account.primary_address, *account.aliases}),
        "combination": account.profile.access_combination,
        "language": user.language,
        "timezone": user.time_zone,
    }
    if account.presence != "removed":
        return shown
    tombstone = f"removed-{account.marker}@context-{account.tenant.marker}.invalid"
    return {
        **shown,
        "mailenabled": False,
        "display_name": f"{user.display_name} (removed {str(account.marker)[:8]})",
        "primaryEmail": tombstone,
        "email1": tombstone,
        "aliases": [tombstone],
    }


def users_of(sandbox_url: str, context_id: int) -> dict[int, dict[str, Any]]:
    """The context's users by id, without its administrator."""
    rows: list[dict[str, Any]] = []
    while True:
        url = f"{sandbox_url}/sandbox/api/contexts/{context_id}/users?limit={PAGE}&offset={len(rows)}"
        page = ask("GET", url)
        rows += page["users"]
        if len(rows) >= page["total"] or not page["users"]:
            return {row["id"]: row for row in rows if not row.get("contextadmin")}


def stuck() -> list[str]:
    """Objects that have not come to rest, or rest in error."""
    from oxherd.groups.models import Group
    from oxherd.people.models import OxAccount, ServiceUser
    from oxherd.provisioning.models import SyncJob
    from oxherd.resources.models import Resource

    jobs = SyncJob.objects.filter(state__in=["waiting", "parked", "running", "stuck", "failed", "refused"])
    newest = {(job.subject_kind, job.subject_id): job for job in SyncJob.objects.order_by("id")}
    moving = [
        f"{job.subject} {job.state}: {job.sentence}" for job in jobs if newest[job.subject_kind, job.subject_id] == job
    ]
    users = ServiceUser.objects.filter(status__in=["in_progress", "error"]) | ServiceUser.objects.filter(
        presence="leaving"
    )
    leaving = OxAccount.objects.filter(presence="leaving")
    objects = [*Group.objects.exclude(presence="removed"), *Resource.objects.exclude(presence="removed")]
    return [
        *moving,
        *(f"{user.login} {user.status}" for user in users),
        *(f"{account} is leaving" for account in leaving),
        *(
            f"{row.name} {row.status} {row.presence}"
            for row in objects
            if (row.status, row.presence) != ("in_ox", "present")
        ),
    ]
