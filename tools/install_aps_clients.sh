#!/bin/bash
# Installs the clients of control panels that tests run against us (apsconnectcli, osaapi) into .venv/aps-clients.
# They are old: CPython 3.11 is the newest that runs them. Ends with status 1, and says why, when it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

lock=requirements-aps-clients.txt
place=.venv/aps-clients
python=
for candidate in .venv/bin/python python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Not installed: apsconnectcli, which needs CPython 3.11. The tests that use it are skipped." >&2
    exit 1
fi

echo "Installing $lock ..."
rm -rf "$place"
tools=$(mktemp)
trap 'rm -f "$tools"' EXIT
# Three of them are built here, by the tools that stand in the same lock.
sed -n '/^\(setuptools\|wheel\|packaging\)==/,/[^\\]$/p' "$lock" > "$tools"
"$python" -m venv "$place"
pip=("$place/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes)
if ! { "${pip[@]}" --only-binary :all: -r "$tools" && "${pip[@]}" --no-build-isolation -r "$lock"; }; then
    rm -rf "$place"
    echo "Not installed: apsconnectcli and osaapi. The tests that use them are skipped." >&2
    exit 1
fi
