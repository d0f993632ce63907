from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from oxherd.accounts.models import Administrator, Membership
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.signin.states import FEW_CODES

# What proves a second time who somebody is. Recovery codes alone are none: they stand in for one of these.
SECOND_FACTORS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
SIGN_INS = (Action.SIGN_IN, Action.SIGN_IN_FAILED)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where entries about an administrator are seen: where all of their roles are, else by the provider alone."""

    place: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of an administrator. codes_left is None where there are no recovery codes."""

    passkeys: tuple[Any, ...]
    app: Any | None
    codes: Any | None
    codes_left: int | None

    @property
    def number(self) -> int:
        """How many second factors there are; recovery codes do not count."""
        return len(self.passkeys) + (self.app is not None)

    @property
    def few_codes(self) -> bool:
        return bool(self.number) and (self.codes_left or 0) <= FEW_CODES


def factors_of(administrator: Administrator) -> Factors:
    """One query."""
    rows = list(Authenticator.objects.filter(user=administrator).order_by("created_at", "pk"))
    app = next((row for row in rows if row.type == Authenticator.Type.TOTP), None)
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return Factors(
        passkeys=tuple(row for row in rows if row.type == Authenticator.Type.WEBAUTHN),
        app=app,
        codes=codes,
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
    )


def has_second_factor(administrator: Administrator) -> bool:
    return bool(Authenticator.objects.filter(user=administrator, type__in=SECOND_FACTORS).exists())


def sessions_of(administrator: Administrator) -> QuerySet[Any]:
    """The sessions that hold now, the last seen first."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    sessions: QuerySet[Any] = UserSession.objects.filter(Exists(alive), user=administrator)
    return sessions.order_by("-last_seen_at", "-pk")


def recent_sign_ins(administrator: Administrator, most: int = 10) -> list[AuditEntry]:
    """Their own sign-ins and what failed under their address, newest first."""
    entries = AuditEntry.objects.filter(subject_kind="administrator", subject_id=administrator.pk, action__in=SIGN_INS)
    return list(entries.order_by("-id")[:most])


def spots_of(administrator: Administrator) -> list[Spot]:
    """Where this person has roles; the whole provider for one without any."""
    memberships = Membership.objects.filter(administrator=administrator).select_related("tenant")
    return [Spot(place) for place in sorted({row.place for row in memberships}, key=str)] or [Spot((None, None))]


def spot_of(administrator: Administrator) -> Spot:
    """The one place where all roles are, else the provider."""
    spots = spots_of(administrator)
    return spots[0] if len(spots) == 1 else Spot((None, None))
