"""`oxherd administrator`: the way in where nobody can yet, and where nobody can any more."""

import pytest
from click.testing import CliRunner
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry

from oxherd.accounts.models import Administrator, CustomRole
from oxherd.administrators.invitations import accept, digest_of
from oxherd.cli.administrator import administrator


def run(*arguments: str, typed: str = "") -> tuple[int, str]:
    outcome = CliRunner().invoke(administrator, arguments, input=typed)
    return outcome.exit_code, outcome.output


def taken(link: str) -> Administrator:
    return accept(digest=digest_of(link.strip().split("/")[-2]), name="Olga", password=PASSWORD)


def test_the_first_operator_gets_a_link_at_each_start_until_one_is_used(db: None) -> None:
    status, first = run("first", "operator@localhost")
    assert (status, first.startswith("http://localhost:8000/invitation/")) == (0, True)
    _, second = run("first", "operator@localhost")
    assert second != first
    olga = taken(second)
    assert [(held.role, held.place_name) for held in olga.memberships.all()] == [("operator", "Provider")]
    assert run("first", "operator@localhost") == (0, "")


def test_somebody_is_invited_to_a_place_with_a_role(cast: Cast) -> None:
    CustomRole.objects.create(tenant=cast.acme, name="Deputy", permissions=["view"])
    status, link = run("invite", "eve@panel.test", "--role", "deputy", "--customer", "acme")
    assert (status, last_entry().actor, last_entry().door) == (0, "Operator", "cli")
    assert str(taken(link).memberships.get()) == "Deputy, Acme"


def test_somebody_is_added_granted_listed_and_kept_out(cast: Cast) -> None:
    reseller = ("--role", "reseller", "--brand", "Sunrise")
    status, said = run("add", "eve@panel.test", "--password-file", "-", *reseller, typed=PASSWORD)
    assert (status, said) == (0, "eve@panel.test can sign in.\n")
    assert run("grant", "eve@panel.test", "--role", "help_desk", "--customer", "Globex")[0] == 0
    assert "eve@panel.test\tactive\tReseller, Sunrise; Help desk, Globex\n" in run("list")[1]
    assert run("deactivate", "EVE@panel.test")[0] == 0
    assert "eve@panel.test\tdeactivated\t" in run("list")[1]
    assert run("reactivate", "eve@panel.test")[0] == 0
    assert Administrator.objects.get(email="eve@panel.test").is_active


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["deactivate", "nobody@panel.test"], "Nobody signs in with nobody@panel.test."),
        (["deactivate", "alice@panel.test"], "role: This is the last operator."),
        (["invite", "x"], "email: x is not a mail address."),
        (["invite", "eve@panel.test", "--role", "king"], "There is no role king."),
        (["invite", "eve@panel.test", "--customer", "Initech"], "No customer is named Initech."),
        (["grant", "bob@panel.test", "--brand", "Sunrise"], "Operator is no role for a brand."),
    ],
)
def test_what_cannot_be_is_told(cast: Cast, arguments: list[str], says: str) -> None:
    status, said = run(*arguments)
    assert (status, says in said) == (1, True)


def test_a_weak_password_adds_nobody(cast: Cast) -> None:
    status, said = run("add", "eve@panel.test", "--password-file", "-", typed="short")
    assert (status, "password: The password is too short" in said) == (1, True)
    assert Administrator.objects.filter(email="eve@panel.test").count() == 0
