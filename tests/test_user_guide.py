"""docs/user-guide.md is whole: each step of the reference guide has a page and a journey, and each picture is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "user-guide.md"
JOURNEYS = ROOT / "tests" / "journeys" / "user_guide"
# The headings of the "User Guide for the OX as a Service APSv2 package", with the number of steps below each.
STEPS = {
    "Add New Service User": 4,
    "Active and Classic view": 2,
    "Add New User": 4,
    "Manage Profiles": 3,
    "Edit": 3,
    "Enable OX App Suite": 3,
    "Disable": 2,
    "Add new group": 4,
    "Delete group": 1,
    "Edit group": 1,
    "Add resource": 3,
    "Delete resource": 1,
    "Edit resource": 1,
    "Add domain": 3,
    "Add subdomain": 3,
    "Remove domains": 1,
    "Edit domains": 1,
    "Purchase Requests": 2,
}
COLUMNS = ("heading", "number", "step", "page", "journey")
MORE = re.compile(r"^\| [^|]+ \| [^|]+ \| `(.+?)` \|$", re.MULTILINE)
ROW = re.compile(r"^\| (.+?) \| (\d+) \| (.+?) \| (.+?) \| `(.+?)` \|$")


def rows() -> list[dict[str, str]]:
    found = (ROW.match(line) for line in GUIDE.read_text().splitlines())
    return [dict(zip(COLUMNS, row.groups(), strict=True)) for row in found if row]


def test_each_step_of_the_reference_guide_has_its_row() -> None:
    expected = [(heading, number) for heading, steps in STEPS.items() for number in range(1, steps + 1)]
    assert [(row["heading"], int(row["number"])) for row in rows()] == expected


def test_each_journey_that_the_guide_names_is_there() -> None:
    for journey in [row["journey"] for row in rows()] + MORE.findall(GUIDE.read_text()):
        file, _, name = journey.partition("::")
        assert f"def {name}(" in (JOURNEYS / file).read_text(), journey


def test_each_journey_is_named_in_the_guide() -> None:
    text = GUIDE.read_text()
    assert [path.name for path in JOURNEYS.glob("test_*.py") if path.name not in text] == []


def test_pictures_and_guide_agree() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(user-guide/([a-z0-9-]+)\.png\)", GUIDE.read_text()))
    journeys = "".join(path.read_text() for path in JOURNEYS.glob("test_*.py"))
    taken = set(re.findall(r'\.picture\("([^"]+)"\)', journeys))
    assert shown == taken == {path.stem for path in (ROOT / "docs" / "user-guide").glob("*.png")}
