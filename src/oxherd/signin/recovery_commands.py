"""Ways back in: a new password by mail, another mail address, and the help of whoever manages administrators."""

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F

from oxherd.accounts.actor import Actor
from oxherd.accounts.commands import mail_address
from oxherd.accounts.models import Administrator
from oxherd.accounts.queries import actor_of
from oxherd.accounts.states import Door
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.signin import letters, links, rules
from oxherd.signin.commands import end_all_sessions, set_password
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.signin.queries import spot_of
from oxherd.signin.states import LetterKind, LinkKind

TAKEN = "This address cannot be used. Take another one."


@transaction.atomic
def reset_second_factor(*, actor: Actor, administrator: Administrator) -> None:
    """Remove all factors of somebody who has lost them; that person's sessions end, and a mail tells who did it.

    Raises NotYours or NotAllowed to who does not manage administrators everywhere where that person has a role, and
    Refused for one's own and where there is nothing to remove.
    """
    rules.may_reset(actor, administrator)
    Administrator.objects.select_for_update().get(pk=administrator.pk)
    factors = Authenticator.objects.filter(user=administrator)
    kinds = sorted(set(factors.values_list("type", flat=True)))
    if not kinds:
        raise Refused(f"{administrator} has no second factor.")
    factors.delete()
    ended = sign_out_everywhere(administrator)
    letters.write(LetterKind.FACTORS_RESET, administrator, by=actor.name)
    before, after = {"factors": kinds}, {"sessions_ended": ended}
    record(actor, Action.FACTORS_RESET, administrator, place=spot_of(administrator), before=before, after=after)


@transaction.atomic
def ask_for_new_password(*, address: str, request_id: str) -> None:
    """Somebody has forgotten the password. The same happens here for every address, whoever's it is or nobody's.

    Raises Refused at `email` for what is no address.
    """
    address = _address(address)
    letter = Letter.objects.create(kind=LetterKind.RESET_PASSWORD, to=address, request_id=request_id)
    letters.hand_over(letter.pk)


@transaction.atomic
def reset_password(*, link: OneTimeLink, password: str, request_id: str) -> None:
    """Set the password of whoever has opened the link; it, and all others like it, are used up, and sessions end.

    Raises Refused at `new` (against the rules), and without a field where the link was used meanwhile.
    """
    administrator = link.administrator
    set_password(administrator, password, field="new")
    if not links.use_up(link):
        raise Refused("This link has been used already. Ask for a new one.")
    links.close_all(administrator, LinkKind.RESET_PASSWORD)
    links.close_all(administrator, LinkKind.CONFIRM_EMAIL)
    ended = sign_out_everywhere(administrator)
    letters.write(LetterKind.PASSWORD_CHANGED, administrator)
    actor = actor_of(administrator, door=Door.PANEL, request_id=request_id)
    record(actor, Action.RESET_PASSWORD, administrator, place=spot_of(administrator), after={"sessions_ended": ended})


@transaction.atomic
def ask_for_other_address(*, actor: Actor, administrator: Administrator, address: str) -> None:
    """Send a link to the new address; until it is opened, the old one counts. Raises Refused at `email`."""
    rules.is_own(actor, administrator)
    address = _address(address)
    if address == administrator.email:
        raise Refused("This is your address already.", field="email")
    links.close_all(administrator, LinkKind.CONFIRM_EMAIL)
    letters.write(LetterKind.CONFIRM_EMAIL, administrator, to=address)
    record(actor, Action.EMAIL_ASK, administrator, place=spot_of(administrator), after={"email": address})


@transaction.atomic
def confirm_address(*, link: OneTimeLink, request_id: str) -> None:
    """Take over the address that the link went to, and tell the old one.

    Raises Refused where the link was used, or the address became somebody else's meanwhile.
    """
    administrator = link.administrator
    before = administrator.email
    if not links.use_up(link):
        raise Refused("This link has been used already.")
    administrator.email = link.email
    try:
        with transaction.atomic():
            administrator.save(update_fields=["email"])
    except IntegrityError:
        raise Refused(TAKEN) from None
    links.close_all(administrator, LinkKind.RESET_PASSWORD)
    letters.write(LetterKind.EMAIL_CHANGED, administrator, to=before, new=link.email)
    actor = actor_of(administrator, door=Door.PANEL, request_id=request_id)
    spot, was, now = spot_of(administrator), {"email": before}, {"email": link.email}
    record(actor, Action.EMAIL_CHANGE, administrator, place=spot, before=was, after=now)


def sign_out_everywhere(administrator: Administrator) -> int:
    """End every session, also those that no list shows; returns how many were known."""
    Administrator.objects.filter(pk=administrator.pk).update(session_epoch=F("session_epoch") + 1)
    return end_all_sessions(administrator)


def _address(text: str) -> str:
    return mail_address(one_line(text, "email", most=254, missing="Enter a mail address."))
