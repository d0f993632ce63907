import subprocess
import sys
from pathlib import Path

from oxherd.aps.types import TYPES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/aps-types.md"


def printed() -> str:
    command = [sys.executable, "-m", "oxherd.cli.main", "aps", "types"]
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"}  # no database is named
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_the_document_of_the_types_is_what_the_command_prints():
    assert DOCUMENT.read_text() == printed()


def test_the_document_tells_each_property_relation_and_operation():
    lines = DOCUMENT.read_text().splitlines()
    cells = [line.split("|")[1].strip(" `") for line in lines if line.startswith("| `")]
    assert cells == [name for one in TYPES for name in (*one.properties, *one.relations, *one.operations)]
