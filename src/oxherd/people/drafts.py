"""Users on their way through the wizard, kept between its pages: for a day, one administrator and one tenant."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.errors import NotAllowed, NotYours
from oxherd.people.commands import NewUser, add_user
from oxherd.people.models import ServiceUser, UserDraft
from oxherd.people.photos import make_photo
from oxherd.tenants.models import Tenant

KEPT_FOR = timedelta(days=1)
GONE = "This form has expired or was discarded. Nothing was added. Start again."
MADE = "made"  # in the fields of a finished draft: the id of the user


def start(*, actor: Actor, tenant: Tenant, fields: dict[str, Any]) -> UserDraft:
    """A new draft of this administrator; what is older than a day goes."""
    actor.require(Permission.MANAGE_USERS, tenant)
    purge()
    return UserDraft.objects.create(administrator_id=_owner(actor), tenant=tenant, fields=fields)


def load(actor: Actor, tenant: Tenant, key: UUID) -> UserDraft:
    """The actor's own draft in this tenant. Raises NotYours for another's, a discarded or an expired one."""
    actor.require(Permission.MANAGE_USERS, tenant)
    draft = _kept(actor, tenant, key).first()
    if draft is None:
        raise NotYours(GONE)
    draft.tenant = tenant
    return draft


def save(draft: UserDraft, *, fields: dict[str, Any]) -> None:
    """Keep what was typed."""
    draft.fields = fields
    _write(draft, "fields")


def save_password(draft: UserDraft, password: str) -> None:
    draft.sealed_password = sealing.seal(password)
    _write(draft, "sealed_password")


def save_photo(draft: UserDraft, upload: bytes | None) -> None:
    """Keep the picture as OX will get it, or take it away with None. Raises Refused at `photo`."""
    draft.photo = None if upload is None else make_photo(upload)
    _write(draft, "photo")


def password_of(draft: UserDraft) -> str:
    return sealing.unseal(draft.sealed_password)


def made(draft: UserDraft) -> int | None:
    """The id of the user that this draft became, None while it is open."""
    pk: int | None = draft.fields.get(MADE)
    return pk


@transaction.atomic
def finish(*, actor: Actor, tenant: Tenant, key: UUID, read: Callable[[UserDraft], NewUser]) -> int:
    """Make the user of a draft; doing it again makes no second one. Returns the user's id.

    read: what the door understands from the draft's fields. Raises Refused with the field to mend, and the draft
    stays open; NotYours where there is no such draft.
    """
    draft = _kept(actor, tenant, key).select_for_update().first()
    if draft is None:
        raise NotYours(GONE)
    present = made(draft)
    if present is not None:
        return present
    user = add_user(actor=actor, tenant=tenant, new=read(draft))
    _consume(draft, user)
    return user.pk


def drop(draft: UserDraft) -> None:
    UserDraft.objects.filter(pk=draft.pk).delete()


def purge() -> int:
    """Delete the drafts that nobody has touched for a day; returns how many."""
    number, _ = UserDraft.objects.filter(changed_at__lt=timezone.now() - KEPT_FOR).delete()
    return number


def _owner(actor: Actor) -> int:
    if actor.administrator_id is None:
        raise NotAllowed("Only an administrator who is signed in keeps drafts.")
    return actor.administrator_id


def _consume(draft: UserDraft, user: ServiceUser) -> None:
    """Only the way to the user is left, for a second click."""
    draft.fields, draft.sealed_password, draft.photo = {MADE: user.pk}, "", None
    draft.save()


def _write(draft: UserDraft, field: str) -> None:
    """One field, unless the draft was finished meanwhile in another window."""
    open_draft = UserDraft.objects.filter(pk=draft.pk).exclude(fields__has_key=MADE)
    open_draft.update(**{field: getattr(draft, field), "changed_at": timezone.now()})


def _kept(actor: Actor, tenant: Tenant, key: UUID) -> QuerySet[UserDraft]:
    return UserDraft.objects.filter(
        pk=key, administrator_id=_owner(actor), tenant=tenant, changed_at__gte=timezone.now() - KEPT_FOR
    )
