"""May this happen? Checked of a user who is locked, so that two at once cannot both be the last one."""

from oxherd.app_passwords.models import AppPassword
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.people import rules
from oxherd.people.models import ServiceUser

MOST = 50
LONGEST_NAME = 100


def name(text: str) -> str:
    """The name without stray blanks. Raises Refused at `name` for an empty, too long or unprintable one."""
    return one_line(text, "name", most=LONGEST_NAME, missing="Enter the name of the program or device.")


def mail_is_carried(user: ServiceUser) -> None:
    """Whoever keeps the mail verifies the passwords, and only our own mail servers know of these."""
    if not user.tenant.brand.carries_mail:
        raise Refused(f"The mail of {user} is kept elsewhere, where no application passwords are known.")


def may_have(user: ServiceUser, name: str) -> None:
    """There is a mailbox that it opens, the name tells it from the others, and there are not too many.

    Raises Refused, of the name at `name`.
    """
    mail_is_carried(user)
    rules.account_of(user)
    names = list(AppPassword.objects.filter(user=user).values_list("name", flat=True))
    if len(names) >= MOST:
        raise Refused(f"{user} has {MOST} application passwords, and more cannot be. Revoke one that is not used.")
    if name.casefold() in (each.casefold() for each in names):
        raise Refused("There is one of this name already. Choose another name, or revoke that one first.", field="name")
