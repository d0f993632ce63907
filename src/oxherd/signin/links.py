"""One-time links: made by the worker, opened by whoever has the mail."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Door
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.sealing import seal
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.signin.queries import spot_of
from oxherd.signin.states import LinkKind

LIFETIME = {LinkKind.RESET_PASSWORD: timedelta(hours=1), LinkKind.CONFIRM_EMAIL: timedelta(days=1)}


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def make(letter: Letter, kind: LinkKind, administrator: Administrator) -> None:
    """Give a letter its link, in the caller's transaction."""
    token = secrets.token_urlsafe(32)
    letter.administrator = administrator
    letter.link = OneTimeLink.objects.create(
        kind=kind,
        administrator=administrator,
        email=letter.to,
        digest=digest(token),
        expires_at=timezone.now() + LIFETIME[kind],
    )
    letter.sealed_token = seal(token)
    letter.save(update_fields=["administrator", "link", "sealed_token"])


@transaction.atomic
def look_for_recipient(letter: Letter) -> bool:
    """Whether the address of who has forgotten the password is somebody's who has one; then the letter has a link.

    Else the letter goes, and nothing is written down.
    """
    administrator = Administrator.objects.filter(email=letter.to, is_active=True).first()
    if administrator is None or not administrator.has_usable_password():
        letter.delete()
        return False
    make(letter, LinkKind.RESET_PASSWORD, administrator)
    nobody = Actor(name=f"Somebody as {administrator}", door=Door.PANEL, request_id=letter.request_id)
    record(nobody, Action.RESET_ASK, administrator, place=spot_of(administrator))
    return True


def opened(kind: LinkKind, known_by: str) -> OneTimeLink | None:
    """The link of this digest, if it still works."""
    link = OneTimeLink.objects.filter(kind=kind, digest=known_by).select_related("administrator").first()
    return link if link and link.is_open and link.administrator.is_active else None


def use_up(link: OneTimeLink) -> bool:
    """Whether nobody else has used it meanwhile."""
    return bool(OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()))


def close_all(administrator: Administrator, kind: LinkKind) -> None:
    """No link of this kind works any more for this person."""
    OneTimeLink.objects.filter(administrator=administrator, kind=kind, used_at=None).update(used_at=timezone.now())
