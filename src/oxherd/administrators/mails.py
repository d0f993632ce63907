"""The mail with the link of an invitation."""

from email.headerregistry import Address

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.timezone import localtime

from oxherd.administrators.invitations import link_of
from oxherd.administrators.models import Invitation

BODY = """Hello{name},

{inviter} invites you to administer {place}, as {role}.

Open this link to accept. It works once, until {until} UTC:

{link}

If you did not expect this invitation, do nothing: without the link nobody can use it.

{sender}
"""


def invitation_mail(invitation: Invitation, token: str) -> EmailMessage:
    """With brand, tenant and role loaded. Sent twice after a crash, it is the same mail: the link names it."""
    brand = invitation.tenant.brand if invitation.tenant else invitation.brand
    sender = brand.name if brand else "oxherd"
    place = str(invitation.tenant or invitation.brand or "the whole installation")
    words = {
        "name": f" {invitation.name}" if invitation.name else "",
        "inviter": invitation.invited_by_name,
        "place": place,
        "role": invitation.role_name,
        "until": localtime(invitation.expires_at).strftime("%-d %B %Y, %H:%M"),
        "link": link_of(token),
        "sender": sender,
    }
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    return EmailMessage(
        subject=f"Your invitation to {place}" if invitation.place != (None, None) else "Your invitation to oxherd",
        body=BODY.format(**words),
        from_email=str(Address(display_name=sender, addr_spec=settings.DEFAULT_FROM_EMAIL)),
        to=[str(Address(display_name=invitation.name, addr_spec=invitation.email))],
        headers={
            "Message-ID": f"<invitation-{invitation.pk}-{invitation.digest[:16]}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
