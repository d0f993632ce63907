from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from oxherd.accounts import passwords
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.policies import USUAL, Policy
from oxherd.accounts.states import Role
from oxherd.errors import Refused
from oxherd.inputs import one_line


@transaction.atomic
def add_administrator(*, email: str, name: str, password: str | None, policy: Policy = USUAL) -> Administrator:
    """Add a person who may sign in, still without any role. password: None where an identity provider asks for it.

    policy: what is asked of the password. Raises Refused at `email` (malformed or taken), `name` and `password` (too
    weak; whether it has leaked, the caller has asked before: that goes over the network).
    """
    email = mail_address(email)
    _email_is_free(email)
    administrator = Administrator(email=email, name=one_line(name, "name") or email)
    if password is not None:
        passwords.is_allowed(password, email=email, name=administrator.name, policy=policy)
    administrator.set_password(password)
    try:
        with transaction.atomic():
            administrator.save(force_insert=True)
    except IntegrityError:
        _email_is_free(email)
        raise
    return administrator


def grant(administrator: Administrator, role: Role, *, brand: Any = None, tenant: Any = None) -> Membership:
    """Give a role by hand on a brand, on a tenant, or (neither given) on the provider.

    Giving it twice changes nothing; what an identity provider's groups have given stays from then on.
    """
    if brand is not None and tenant is not None:
        raise Refused("A role is given on one level: the provider, a brand or a customer.", field="role")
    membership, _ = Membership.objects.get_or_create(administrator=administrator, role=role, brand=brand, tenant=tenant)
    if membership.identity_provider_id is not None:
        membership.identity_provider = None
        membership.save(update_fields=["identity_provider"])
    return membership


def mail_address(text: str) -> str:
    """The address in lower case. Raises Refused at `email` for what is none."""
    email = one_line(text, "email", most=254).lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(f"{email or 'This'} is not a mail address.", field="email") from None
    return email


def _email_is_free(email: str) -> None:
    if Administrator.objects.filter(email=email).exists():
        raise Refused(f"{email} can sign in already.", field="email")
