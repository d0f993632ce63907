from click.testing import CliRunner
from tests.cast import Cast
from tests.rows import last_entry
from tests.signin.factors import give_app

from oxherd.cli.administrator import administrator
from oxherd.signin.queries import factors_of


def reset(email: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(administrator, ["reset-second-factor", email])
    return outcome.exit_code, outcome.output


def test_the_only_operator_who_lost_the_telephone_is_helped_at_the_machine(cast: Cast) -> None:
    give_app(cast, cast.alice)
    assert reset("Alice@panel.test") == (
        0,
        "Alice signs in with the password alone now, and should add a second factor again.\n",
    )
    assert factors_of(cast.alice).number == 0
    assert (last_entry().action, last_entry().door) == ("sign_in:factors_reset", "cli")


def test_who_is_not_there_or_has_none_is_told(cast: Cast) -> None:
    assert reset("nobody@panel.test") == (1, "Error: Nobody signs in with nobody@panel.test.\n")
    assert reset("bob@panel.test") == (1, "Error: Bob has no second factor.\n")
