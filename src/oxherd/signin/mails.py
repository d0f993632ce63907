"""What the mails to administrators say."""

from email.headerregistry import Address

from django.conf import settings
from django.core.mail import EmailMessage

from oxherd.accounts.models import Administrator, Membership
from oxherd.sealing import unseal
from oxherd.signin.models import Letter
from oxherd.signin.states import LetterKind, LinkKind

PRODUCT = "oxherd"
# Where the links lead, below the panel's address; the panel's tests hold them to its pages.
PATHS = {LinkKind.RESET_PASSWORD: "/sign-in/reset/{token}/", LinkKind.CONFIRM_EMAIL: "/account/email/confirm/{token}/"}
NOT_YOU = "If this was not you, change your password at once and tell who gave you the access: {panel}"
TEXTS: dict[LetterKind, tuple[str, tuple[str, ...]]] = {
    LetterKind.RESET_PASSWORD: (
        "Choose a new password",
        (
            "somebody asked for a new password for this address in the control panel. If it was you, choose one here:",
            "{link}",
            "The link works once, and for one hour. If it was not you, do nothing: your password stays as it is.",
        ),
    ),
    LetterKind.CONFIRM_EMAIL: (
        "Confirm your new mail address",
        (
            "you want to sign in to the control panel with this address from now on. Confirm that it is yours:",
            "{link}",
            "The link works once, and for one day. If it was not you, do nothing: nothing changes.",
        ),
    ),
    LetterKind.EMAIL_CHANGED: (
        "Your mail address was changed",
        ("you sign in to the control panel with {new} from now on, and no longer with this address.", NOT_YOU),
    ),
    LetterKind.PASSWORD_CHANGED: (
        "Your password was changed",
        ("your password for the control panel was changed, and all other sessions were ended.", NOT_YOU),
    ),
    LetterKind.FACTOR_ADDED: (
        "A second factor was added",
        ("{what} was added to your account in the control panel.", NOT_YOU),
    ),
    LetterKind.FACTOR_REMOVED: (
        "A second factor was removed",
        ("{what} was removed from your account in the control panel.", NOT_YOU),
    ),
    LetterKind.FACTORS_RESET: (
        "Your second factor was reset",
        (
            "{by} has removed your passkeys, authenticator app and recovery codes, and has ended your sessions.",
            "Sign in to the control panel with your password, and add new ones: {panel}",
            "If you did not ask for this, tell who gave you the access.",
        ),
    ),
}


def message(letter: Letter) -> EmailMessage:
    """The mail, with the administrator loaded. Sent twice after a crash, it is the same one, by its Message-ID."""
    administrator = letter.administrator
    subject, paragraphs = TEXTS[LetterKind(letter.kind)]
    name, sender = (str(administrator), sender_of(administrator)) if administrator else ("", PRODUCT)
    words = {**letter.words, "panel": f"{settings.BASE_URL}/", "link": _link(letter)}
    body = [f"Hello {name},", *(paragraph.format(**words) for paragraph in paragraphs), sender]
    return EmailMessage(
        subject=subject,
        body="\n\n".join(body) + "\n",
        from_email=str(Address(display_name=sender, addr_spec=settings.DEFAULT_FROM_EMAIL)),
        to=[str(Address(display_name=name, addr_spec=letter.to))],
        headers={
            "Message-ID": f"<letter-{letter.pk}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def sender_of(administrator: Administrator) -> str:
    """The brand that all roles of this person are under, or the product where there are several."""
    rows = Membership.objects.filter(administrator=administrator).select_related("brand", "tenant__brand")
    brands = {str(row.tenant.brand if row.tenant else row.brand or PRODUCT) for row in rows}
    return brands.pop() if len(brands) == 1 else PRODUCT


def _link(letter: Letter) -> str:
    if letter.link is None:
        return ""
    return settings.BASE_URL + PATHS[LinkKind(letter.link.kind)].format(token=unseal(letter.sealed_token))
