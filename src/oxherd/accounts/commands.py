from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Role
from oxherd.errors import Refused
from oxherd.inputs import one_line


@transaction.atomic
def add_administrator(*, email: str, name: str, password: str) -> Administrator:
    """Add a person who may sign in, still without any role.

    Raises Refused at `email` (malformed or taken), `name` and `password` (too weak).
    """
    email = one_line(email, "email", most=254).lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(f"{email} is not a mail address.", field="email") from None
    _email_is_free(email)
    administrator = Administrator(email=email, name=one_line(name, "name") or email)
    try:
        validate_password(password, administrator)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None
    administrator.set_password(password)
    try:
        with transaction.atomic():
            administrator.save(force_insert=True)
    except IntegrityError:
        _email_is_free(email)
        raise
    return administrator


def grant(administrator: Administrator, role: Role, *, brand: Any = None, tenant: Any = None) -> Membership:
    """Give a role on a brand, on a tenant, or (neither given) on the provider. Giving it twice changes nothing."""
    if brand is not None and tenant is not None:
        raise Refused("A role is given on one level: the provider, a brand or a customer.", field="role")
    membership, _ = Membership.objects.get_or_create(administrator=administrator, role=role, brand=brand, tenant=tenant)
    return membership


def _email_is_free(email: str) -> None:
    if Administrator.objects.filter(email=email).exists():
        raise Refused(f"{email} can sign in already.", field="email")
