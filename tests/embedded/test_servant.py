import os
import subprocess

from oxherd.embedded.servant import servant_for


def run(servant, *command):
    return subprocess.run([*servant.command(), *command], check=False, capture_output=True, text=True)


def test_servant_is_never_root(tmp_path):
    servant = servant_for(tmp_path, tmp_path / "postgres", tmp_path)
    assert run(servant, "id", "-u").stdout == f"{servant.uid}\n"
    assert servant.uid == os.geteuid() or (os.geteuid() == 0 and servant.uid != 0)


def test_servant_reaches_programs_below_a_closed_folder(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    program = closed / "program"
    program.write_text("#!/bin/sh\necho reached\n")
    program.chmod(0o755)
    servant = servant_for(tmp_path, tmp_path / "postgres", closed)
    assert run(servant, program).stdout == "reached\n"
    assert run(servant, "test", "-x", program).returncode == 0  # access(2), as PostgreSQL asks


def test_servant_has_no_rights_where_it_needs_none(tmp_path):
    servant = servant_for(tmp_path, tmp_path / "postgres", tmp_path)
    open_servant = type(servant)(servant.uid, servant.gid)
    capabilities = run(open_servant, "grep", "CapEff", "/proc/self/status").stdout
    assert int(capabilities.split()[1], 16) == 0


def test_owner_of_existing_data_stays_its_owner(tmp_path):
    folder = tmp_path / "postgres"
    first = servant_for(tmp_path, folder, tmp_path)
    first.make_folder(folder)
    assert servant_for(tmp_path, folder, tmp_path).uid == first.uid == folder.stat().st_uid
