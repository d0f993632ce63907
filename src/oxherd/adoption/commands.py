"""The verbs of adoptions. A worker carries them out, since only workers talk to platforms."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.adoption.models import Adoption
from oxherd.adoption.states import OPEN, AdoptionState
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.provisioning import queue

TASK, ARGUMENT = "oxherd.adopt", "adoption_id"
# Behind all work that is saved already.
PRIORITY = -10
# So long the password of a rehearsal is kept for what was rehearsed.
KEPT = timedelta(hours=1)


@transaction.atomic
def rehearse(
    *,
    actor: Actor,
    brand: Brand,
    context: str,
    name: str = "",
    administrator: str = "",
    password: str = "",
    make_profiles: bool = False,
) -> Adoption:
    """Let a worker find out what adopting a context would take over. Nothing is made, and the platform is only read.

    context: name or number on the platform. Raises Refused at context, name, administrator or password.
    """
    actor.require(Permission.MANAGE_TENANTS, brand)
    adoption = Adoption(
        brand=brand,
        context=one_line(context, "context", most=100, missing="Enter the context's name or number."),
        name=one_line(name, "name"),
        make_profiles=make_profiles,
        requested_by=actor.name,
    )
    if brand.platform == PlatformKind.APP_SUITE:
        missing = "Enter the login of the context's administrator: App Suite lets nobody else read its users."
        adoption.administrator = one_line(administrator, "administrator", most=100, missing=missing)
        if not password:
            raise Refused("Enter the password of the context's administrator.", field="password")
        adoption.sealed_password = sealing.seal(password)
    return _begin(actor, adoption, Action.ADOPTION_REHEARSE)


@transaction.atomic
def carry_out(*, actor: Actor, adoption: Adoption) -> Adoption:
    """Let a worker adopt what was rehearsed, or go on with what an earlier adoption has left.

    A second click finds the adoption that the first has begun. Raises Refused for one that did not come to its end, or
    whose password is kept no more.
    """
    actor.require(Permission.MANAGE_TENANTS, adoption)
    before = Adoption.objects.select_for_update(of=("self",)).select_related("brand").get(pk=adoption.pk)
    under_way = Adoption.objects.filter(
        brand=before.brand, context=before.context, is_rehearsal=False, state__in=OPEN
    ).first()
    if under_way is not None:
        return under_way
    if before.state != AdoptionState.DONE:
        raise Refused("Look at what would be taken over first.")
    needs_password = before.brand.platform == PlatformKind.APP_SUITE and before.tenant_id is None
    if needs_password and not before.sealed_password:
        raise Refused("The password of the context's administrator is kept for an hour only. Begin again.")
    fresh = Adoption(
        brand=before.brand,
        context=before.context,
        name=before.name,
        administrator=before.administrator,
        sealed_password=before.sealed_password,
        make_profiles=before.make_profiles,
        is_rehearsal=False,
        tenant=before.tenant,
        requested_by=actor.name,
    )
    before.sealed_password = ""
    before.save(update_fields=["sealed_password"])
    return _begin(actor, fresh, Action.ADOPTION_BEGIN)


def bring_back_lost(older_than_seconds: float) -> int:
    """Hand over again what no entry of the queue carries; returns how many."""
    silent = timezone.now() - timedelta(seconds=older_than_seconds)
    waiting = list(Adoption.objects.filter(state__in=OPEN, created_at__lt=silent).values_list("pk", flat=True))
    lost = queue.not_carried(TASK, ARGUMENT, waiting)
    for pk in lost:
        _hand_over(pk)
    return len(lost)


def forget_passwords() -> int:
    """Of rehearsals that nobody went on with; returns how many."""
    old = Adoption.objects.exclude(sealed_password="").filter(finished_at__lt=timezone.now() - KEPT)
    return old.update(sealed_password="")


def _begin(actor: Actor, adoption: Adoption, action: Action) -> Adoption:
    adoption.save(force_insert=True)
    record(actor, action, adoption, place=adoption.brand, after={"context": adoption.context})
    _hand_over(adoption.pk)
    return adoption


def _hand_over(pk: int) -> None:
    queue.hand_over(TASK, lock=f"adoption:{pk}", priority=PRIORITY, **{ARGUMENT: pk})
