"""The verb that moves a user to another login or primary address, as one tracked change.

Groups, resources and catch-alls hold the user and not the address, so they follow by themselves.
"""

from django.db import IntegrityError, transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.domains.commands import register
from oxherd.domains.queries import split
from oxherd.domains.rules import login_local_part
from oxherd.errors import Refused
from oxherd.people import rules
from oxherd.people.models import ServiceUser
from oxherd.people.records import (
    describe,
    describe_account,
    held_by,
    index,
    locked,
    move_addresses,
    present_account,
    push,
    remember_login,
)
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


@transaction.atomic
def rename_user(
    *, actor: Actor, user: ServiceUser, login: str = "", primary_address: str = "", keep_old_as_alias: bool = True
) -> ServiceUser:
    """Change the login, the primary address, or both.

    login, primary_address: whole addresses as typed; empty leaves it as it is. keep_old_as_alias: the primary
    address that was goes on receiving mail. The platform's user name follows where the brand says that names are
    changeable there; else it stays, as `OxAccount.ox_name` tells (OX provisioning, 5.2, USERNAME_CHANGEABLE).
    Raises Refused at `login`, `primary_address`, or at `aliases` where the old address would be one too many, and for a
    login whose master is a controller.
    """
    actor.require(Permission.MANAGE_USERS, user)
    user = locked(user)
    account = present_account(user)
    if primary_address and account is None:
        raise Refused(f"OX is not enabled for {user}: there is no address but the login.", field="primary_address")
    before = {**describe(user), **describe_account(account)}
    if login:
        _move_login(actor, user, login)
    if account is None:
        register(held_by(user), fields={user.login: "login"}, user_id=user.pk)
    else:
        kept = [account.primary_address] if keep_old_as_alias else []
        move_addresses(user, account, primary_address, [*before["aliases"], *kept])
    old, new = changes(before, {**describe(user), **describe_account(account)})
    if not new:
        return user
    index(user)
    record(actor, Action.USER_RENAME, user, place=user, before=old, after=new)
    push(actor, account)
    return user


def _move_login(actor: Actor, user: ServiceUser, login: str) -> None:
    before = user.login
    local_part, domain = split(user.tenant, login, "login")
    user.login = f"{login_local_part(local_part)}@{domain.name}"
    if user.login == before:
        return
    is_ours(user.tenant, actor, Mastered.USERS)
    user.domain = domain
    rules.login_is_free(user.login, user.tenant, but_for=user.pk)
    try:
        with transaction.atomic():
            user.save(update_fields=["login", "domain", "changed_at"])
    except IntegrityError:  # somebody else was quicker by a moment
        rules.login_is_free(user.login, user.tenant, but_for=user.pk)
        raise
    rules.name_is_free_in_ox(user.login, user.tenant, but_for=user.pk)
    remember_login(user, before)
