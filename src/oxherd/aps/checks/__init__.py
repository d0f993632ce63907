"""What is wrong with a package, by the standard's rules. Reads the file only, whoever has built it."""

from pathlib import Path

from oxherd.aps.checks.archive import read
from oxherd.aps.checks.descriptor import check_descriptor
from oxherd.aps.checks.findings import Finding, Findings
from oxherd.aps.checks.listing import check_list
from oxherd.aps.checks.schemas import check_schemas
from oxherd.aps.checks.texts import check_texts
from oxherd.aps.checks.views import check_views


def check(place: Path) -> list[Finding]:
    """All that is wrong: missing files, then the rest as it was found. Raises OSError if the file cannot be read."""
    findings = Findings()
    files = read(place, findings)
    if files is None:
        return findings.all
    check_list(files, findings)
    types = check_schemas(files, findings)
    described = check_descriptor(files, types, findings)
    check_views(files, findings)
    check_texts(files, described, findings)
    return findings.all


__all__ = ["Finding", "check"]
