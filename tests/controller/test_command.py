"""`oxherd aps controller` with data that it cannot work with."""

import pytest
from click.testing import CliRunner

from oxherd.controller.command import controller


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("letter.txt", "is another kind of file, no data of a controller"),
        ("letter.txt/c.sqlite", "cannot be written (File exists)"),
        ("folder-of-links/c.sqlite", "cannot be written (unable to open database file)"),
    ],
)
def test_a_file_that_is_none_of_a_controller_is_told_and_stays_as_it_is(tmp_path, place, why):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, this is no database at all.\n" * 100)
    (tmp_path / "folder-of-links").mkdir()
    (tmp_path / "folder-of-links" / "c.sqlite").symlink_to(tmp_path / "nowhere" / "c.sqlite")
    before = letter.read_bytes()
    told = CliRunner().invoke(controller, ["--port", "0", "--data", str(tmp_path / place)])
    assert told.exit_code == 1
    assert told.output == f"Error: {tmp_path / place} {why}. Choose another file with --data.\n"
    assert letter.read_bytes() == before
