"""How much of mail and Drive users have in use, as far as an answer of the platform has told."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from oxherd.people.models import OxAccount
from oxherd.provisioning import queue

LOOK = "oxherd.look_at_usage"
ARGUMENT = "account_id"
# Before what administrators have saved goes nothing; somebody who looks at a page waits for this, though.
BEHIND_ALL_WORK = -5
# What is older is looked at again when somebody opens the user's page.
FRESH_FOR = timedelta(minutes=10)

# Whoever holds an account just now is left out: this must not wait for commands, nor they for this.
NOTE = """
WITH seen AS MATERIALIZED (
    SELECT account.id, fresh.used
      FROM oxherd_oxaccount account JOIN unnest(%s::bigint[], %s::int[]) AS fresh (id, used) ON fresh.id = account.id
     WHERE account.drive_used_mb IS DISTINCT FROM fresh.used OR account.drive_used_at < now() - interval '1 day'
     ORDER BY account.id FOR UPDATE OF account SKIP LOCKED
)
UPDATE oxherd_oxaccount account SET drive_used_mb = seen.used, drive_used_at = now()
  FROM seen WHERE seen.id = account.id
"""


def note_drive_use(used: Mapping[int, int]) -> None:
    """Write down megabytes by the account's id; what is known since less than a day is not written again."""
    if used:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [list(used), list(used.values())])


def note_use(account_id: int, **used: int | None) -> None:
    """Write down what a look at one account has told: `drive` and, where the platform keeps it, `mail`, in megabytes.

    None of mail: the mailbox was never opened.
    """
    now = timezone.now()
    fields = {f"{what}_used_mb": megabytes for what, megabytes in used.items()}
    OxAccount.objects.filter(pk=account_id).update(**fields, **{f"{what}_used_at": now for what in used})


def is_fresh(account: OxAccount) -> bool:
    return account.drive_used_at is not None and account.drive_used_at > timezone.now() - FRESH_FOR


def ask_for_use(account: OxAccount) -> None:
    """Let a worker look how much is in use, unless one is about to."""
    if not is_being_looked_at(account):
        queue.hand_over(LOOK, lock=f"usage:{account.pk}", priority=BEHIND_ALL_WORK, **{ARGUMENT: account.pk})


def is_being_looked_at(account: OxAccount) -> bool:
    return not queue.not_carried(LOOK, ARGUMENT, [account.pk])
