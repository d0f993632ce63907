"""What the audit tells of signing in and out. Each is one entry about the administrator; none holds a secret."""

from collections.abc import Iterable
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.queries import actor_of
from oxherd.accounts.states import Door
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.signin.queries import spot_of
from oxherd.signin.states import Proof


def signed_in(administrator: Administrator, *, by: Iterable[Proof], ip: str, device: str, request_id: str) -> None:
    """by: what was proved, in its order."""
    actor = actor_of(administrator, door=Door.PANEL, request_id=request_id, ip_address=ip)
    _record(actor, Action.SIGN_IN, administrator, {"with": [str(proof) for proof in by], "device": device})


def sign_in_failed(
    administrator: Administrator, *, at: Proof, signed_in: bool, ip: str, device: str, request_id: str
) -> None:
    """Somebody who knows the address was refused. at: what was wrong.

    signed_in: a session of the administrator asked, for a further proof; else nobody knows who it was.
    """
    if signed_in:
        actor = actor_of(administrator, door=Door.PANEL, request_id=request_id, ip_address=ip)
    else:
        name = f"Somebody as {administrator}"
        actor = Actor(name=name, door=Door.PANEL, request_id=request_id, ip_address=ip)
    _record(actor, Action.SIGN_IN_FAILED, administrator, {"with": [str(at)], "device": device})


def signed_out(administrator: Administrator, *, ip: str, request_id: str) -> None:
    actor = actor_of(administrator, door=Door.PANEL, request_id=request_id, ip_address=ip)
    _record(actor, Action.SIGN_OUT, administrator, {})


def _record(actor: Actor, action: Action, administrator: Administrator, told: dict[str, Any]) -> None:
    record(actor, action, administrator, place=spot_of(administrator), after=told)
