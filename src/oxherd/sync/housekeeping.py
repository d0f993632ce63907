"""What keeps the work moving when something was killed half-way. Runs beside the jobs, in every worker.

A thread of its own and not a queued task: it must run above all when all places are taken.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, close_old_connections, connection

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.administrators.acting import end_overdue
from oxherd.adoption import commands as adoptions
from oxherd.aps.reporting import ask_for_reports
from oxherd.aps.trust_commands import forget_entries, forget_nonces
from oxherd.audit.chain_commands import seal_waiting
from oxherd.brands import inquiries
from oxherd.brands.models import Brand
from oxherd.domains import checks
from oxherd.domains.ownership_commands import request_due_checks
from oxherd.drift import ledger as comparisons
from oxherd.drift.commands import request_nightly_comparisons
from oxherd.errors import PlatformMisconfigured, PlatformRefused, PlatformUnreachable
from oxherd.people.profile_use import count_use
from oxherd.people.rollout_commands import go_on_with_rollouts
from oxherd.provisioning import breaker, ledger
from oxherd.provisioning.commands import wake
from oxherd.purchases.commands import close_what_is_moot
from oxherd.removals.purge import purge
from oxherd.signin import letters
from oxherd.sync import inviting, telling, verifying
from oxherd.sync.lanes import Lanes
from oxherd.sync.platforms import platform_of
from oxherd.sync.work import room_for
from oxherd.tenants.removal_commands import purge_tenants

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1
ROUND_SECONDS = 2.0
MOST_PURGED = 50  # of each kind in a round
# The one advisory lock of this product; the number has no meaning.
ONLY_ONE = 7_640_021
# So many looks at domains wait at most: the rest of those that are due comes with the next rounds.
MOST_CHECKS = 20
# So many audit entries are sealed in a round: about a second's work.
MOST_SEALED = 20_000
# So many comparisons are asked for in a round.
MOST_COMPARISONS = 20
# Brands that this process is asking at this moment.
_asked: set[int] = set()


def watch_lanes(stop: threading.Event, lanes: Lanes) -> None:
    """Look after slow calls all the time, until told to stop."""
    while not stop.wait(TICK_SECONDS):
        lanes.pass_on_slow_places()


def keep_house(stop: threading.Event) -> None:
    """Look after everything else every two seconds, until told to stop."""
    while not stop.wait(ROUND_SECONDS):
        try:
            close_old_connections()
            one_round()
        except Error as error:
            logger.warning("housekeeping without database: %s", str(error).strip())
        except Exception:
            logger.exception("housekeeping failed; it goes on")


def one_round() -> list[threading.Thread]:
    """Bring back work of dead workers, wake what waits in vain, and ask platforms that were down.

    Returns the probes, each in a thread of its own: a platform that hangs holds up nothing else.
    """
    with _alone() as alone:
        if alone:
            chore: Callable[[], object]
            for chore in (_bring_back_stalled, _bring_back_lost, _wake_forgotten):
                _do(chore)
            for chore in (
                _look_after_adoptions,
                _look_after_inquiries,
                go_on_with_rollouts,
                count_use,
                _look_after_requests,
                _look_after_invitations,
                _look_after_letters,
                _look_at_domains,
                _look_after_comparisons,
                _look_after_controllers,
                _purge,
                _seal_the_audit,
                _clear_the_queue,
            ):
                _do(chore)
    return _probe()


def _do(chore: Callable[[], object]) -> None:
    """A chore that fails leaves the others to be done; without the database there is none."""
    try:
        chore()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("housekeeping failed; it goes on")


def _bring_back_stalled() -> None:
    """Locked first, and none that just ends: the queue's function fails for all where one entry is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH stalled AS MATERIALIZED (
                SELECT entry.id FROM procrastinate_jobs entry
                  LEFT JOIN procrastinate_workers worker ON worker.id = entry.worker_id
                 WHERE entry.status = 'doing'
                   AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
                   FOR UPDATE OF entry SKIP LOCKED)
            SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM stalled
            """,
            [settings.STALLED_AFTER_SECONDS],
        )


def _bring_back_lost() -> None:
    ledger.bring_back_lost(settings.STALLED_AFTER_SECONDS)


def _look_after_comparisons() -> None:
    comparisons.bring_back_lost()
    if settings.DRIFT_HOUR is not None:
        request_nightly_comparisons(hour=settings.DRIFT_HOUR, most=MOST_COMPARISONS)


def _look_after_adoptions() -> None:
    adoptions.bring_back_lost(settings.STALLED_AFTER_SECONDS)
    adoptions.forget_passwords()


def _look_after_inquiries() -> None:
    inquiries.bring_back_lost(settings.STALLED_AFTER_SECONDS)
    inquiries.forget_trials()


def _look_after_letters() -> None:
    letters.bring_back(settings.STALLED_AFTER_SECONDS)
    letters.forget_old()


def _look_after_requests() -> None:
    close_what_is_moot()
    verifying.bring_back_unverified(settings.STALLED_AFTER_SECONDS)
    telling.bring_back_untold(settings.STALLED_AFTER_SECONDS)


def _look_after_invitations() -> None:
    inviting.bring_back_untold(settings.STALLED_AFTER_SECONDS)
    end_overdue()


def _wake_forgotten() -> None:
    for key in ledger.parked_for():
        wake(key, limit=room_for(key))


def _clear_the_queue() -> None:
    """Done entries go by themselves. What failed without an outcome has a new entry, or gets one, from the ledger."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status NOT IN ('todo', 'doing')")


def _look_at_domains() -> None:
    request_due_checks(max(MOST_CHECKS - checks.waiting(), 0))


def _look_after_controllers() -> None:
    forget_nonces()
    forget_entries()
    ask_for_reports()


def _purge() -> None:
    """So few at a time that the other chores come round, however many are due."""
    actor = system("Housekeeping", Door.WORKER)
    purge(actor=actor, most=MOST_PURGED)
    purge_tenants(actor=actor, most=MOST_PURGED)


def _seal_the_audit() -> None:
    seal_waiting(MOST_SEALED)


def _probe() -> list[threading.Thread]:
    """Ask each platform whose breaker is open and whose next probe is due; an answer sends its work on."""
    probes = []
    for brand_id in breaker.due_probes():
        if brand_id not in _asked:
            _asked.add(brand_id)
            probes.append(threading.Thread(target=_ask, args=[brand_id], name=f"probe {brand_id}", daemon=True))
            probes[-1].start()
    return probes


def _ask(brand_id: int) -> None:
    """Any answer will do: what the platform refuses, the jobs themselves tell to people."""
    try:
        brand = Brand.objects.get(pk=brand_id)
        with suppress(PlatformRefused, PlatformMisconfigured):
            platform_of(brand).find_context(context_id=brand.next_context_id)
        logger.info("the platform of brand %s answers again", brand_id)
        breaker.note_answer(brand_id)
    except PlatformUnreachable as error:
        logger.info("the platform of brand %s does not answer yet: %s", brand_id, error.detail or error.sentence)
    except Exception:
        logger.exception("the platform of brand %s cannot be probed", brand_id)
    finally:
        _asked.discard(brand_id)
        connection.close()


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker keeps house at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONLY_ONE])
        (alone,) = cursor.fetchone() or (False,)
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONLY_ONE])
