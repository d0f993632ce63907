"""The pages of administrators for test_every_page, and what they are about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.cast import Cast

from oxherd.accounts.states import Permission, Role
from oxherd.administrators.invitations import invite
from oxherd.administrators.roles import add_role


@dataclass(frozen=True, slots=True)
class Staff:
    """By their ids. helper: an administrator of the tenant; held: that one's role."""

    invitation: int
    helper: int
    held: int
    own_role: int


def staff(cast: Cast) -> Staff:
    """An invitation, somebody with a role, and a role of the provider's own."""
    made = invite(actor=cast.system, email="eve@panel.test", name="Eve", role=Role.READ_ONLY, tenant=cast.acme)
    own = add_role(actor=cast.system, name="Night shift", permissions=[Permission.SET_PASSWORD])
    return Staff(made.invitation.pk, cast.dora.pk, cast.dora.memberships.get().pk, own.pk)


# Below /administrators/ and /t/ID/administrators/.
SHARED = {
    "administrators": ["", "?q=nobody", "?state=invited"],
    "administrators_invite": ["invite/"],
    "invitation_revoke": ["invitations/{invitation}/withdraw/"],
    "administrator": ["people/{helper}/"],
    "administrator_deactivate": ["people/{helper}/deactivate/"],
    "administrator_second_factor": ["people/{helper}/second-factor/"],
    "administrator_role_change": ["held/{held}/change/"],
    "administrator_take": ["held/{held}/take/"],
    "administrator_roles": ["roles/"],
    "administrator_role_add": ["roles/add/"],
    "administrator_rules": ["rules/"],
}
PROVIDER = {"administrator_role": ["roles/{own_role}/"], "administrator_role_remove": ["roles/{own_role}/delete/"]}
TENANT = {"administrator_act": ["people/{helper}/act/"]}
NO_PAGES = frozenset(
    """
    invitation_link invitation_again tenant_invitation_again acting acting_stop
    administrator_reactivate tenant_administrator_reactivate
    tenant_administrator_role tenant_administrator_role_remove
    """.split()  # noqa: SIM905 - shorter than so many quotation marks
)


def _below(base: Callable[[Any], str], paths: list[str]) -> Callable[[Any], list[str]]:
    def addresses(things: Any) -> list[str]:
        found = {name: getattr(things.staff, name) for name in Staff.__slots__}
        return [base(things) + path.format(**found) for path in paths]

    return addresses


PAGES = {
    **{name: _below(lambda _: "/administrators/", paths) for name, paths in (SHARED | PROVIDER).items()},
    **{
        f"tenant_{name}": _below(lambda things: f"/t/{things.tenant}/administrators/", paths)
        for name, paths in (SHARED | TENANT).items()
    },
}
