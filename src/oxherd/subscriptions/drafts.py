"""Customers on their way through the wizard, kept between its pages: for a day, for one administrator."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.errors import NotAllowed, NotYours
from oxherd.subscriptions.commands import NewCustomer, add_customer
from oxherd.subscriptions.models import CustomerDraft

KEPT_FOR = timedelta(days=1)
GONE = "This form has expired or was discarded. Nothing was added. Start again."


def start(*, actor: Actor, fields: dict[str, Any]) -> CustomerDraft:
    """A new draft of this administrator; what is older than a day goes."""
    purge()
    return CustomerDraft.objects.create(administrator_id=_owner(actor), fields=fields)


def load(actor: Actor, key: UUID) -> CustomerDraft:
    """The actor's own draft. Raises NotYours for another's, a discarded or an expired one."""
    draft = _kept(actor, key).first()
    if draft is None:
        raise NotYours(GONE)
    return draft


def save(draft: CustomerDraft, fields: dict[str, Any]) -> None:
    """Keep what was typed, unless the draft was finished meanwhile in another window."""
    draft.fields = fields
    CustomerDraft.objects.filter(pk=draft.pk, made=None).update(fields=fields, changed_at=timezone.now())


@transaction.atomic
def finish(*, actor: Actor, key: UUID, read: Callable[[CustomerDraft], NewCustomer]) -> int:
    """Make the customer of a draft; doing it again makes no second one. Returns the customer's id.

    read: what the door understands from the draft's fields. Raises Refused with the field to mend, and the draft
    stays open; NotYours where there is no such draft.
    """
    draft = _kept(actor, key).select_for_update().first()
    if draft is None:
        raise NotYours(GONE)
    if draft.made_id is None:
        draft.made = add_customer(actor=actor, new=read(draft))
        draft.fields = {}
        draft.save()
    return int(draft.made_id or 0)


def drop(draft: CustomerDraft) -> None:
    CustomerDraft.objects.filter(pk=draft.pk).delete()


def purge() -> int:
    """Delete the drafts that nobody has touched for a day; returns how many."""
    number, _ = CustomerDraft.objects.filter(changed_at__lt=timezone.now() - KEPT_FOR).delete()
    return number


def _owner(actor: Actor) -> int:
    if actor.administrator_id is None:
        raise NotAllowed("Only an administrator who is signed in keeps drafts.")
    return actor.administrator_id


def _kept(actor: Actor, key: UUID) -> QuerySet[CustomerDraft]:
    since = timezone.now() - KEPT_FOR
    return CustomerDraft.objects.filter(pk=key, administrator_id=_owner(actor), changed_at__gte=since)
