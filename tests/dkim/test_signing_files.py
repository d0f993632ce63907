"""`oxherd mail dkim`: the folder from which OpenDKIM and rspamd sign."""

import grp
import os
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import OperationalError

from oxherd import sealing
from oxherd.cli import mail_dkim
from oxherd.cli.mail import mail
from oxherd.cli.signing_files import SigningFolder
from oxherd.dkim.commands import retire_key, rotate
from oxherd.dkim.models import DkimKey
from oxherd.sync.domains import check_domain
from oxherd.tenants.commands import suspend_tenant

NOTHING_SIGNS = {
    "KeyTable": "",
    "SigningTable": "",
    "dkim_selectors.map": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dkim"


def run(folder, *options):
    outcome = CliRunner().invoke(mail, ["dkim", str(folder), *options])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output


def held(folder):
    """Each file but rspamd's configuration, which is always the same."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != "dkim_signing.conf")
    return {str(file.relative_to(folder)): file.read_text() for file in files}


def touched(folder):
    """When each file and folder was written last, and changed in any way."""
    return {place: (place.stat().st_mtime_ns, place.stat().st_ctime_ns) for place in folder.rglob("*")}


def mode(place):
    return place.stat().st_mode & 0o777


def recorder(tmp_path, status=0):
    """A command that writes down which keys were there when it ran."""
    script = tmp_path / "reload.py"
    script.write_text(
        "import pathlib, sys\n"
        "keys = sorted(file.stem for file in pathlib.Path(sys.argv[1]).glob('keys/*'))\n"
        "open(sys.argv[2], 'a').write(' '.join(keys) + '\\n')\n"
        f"sys.exit({status})\n"
    )
    log = tmp_path / "reloads"
    return f"{sys.executable} {script} {tmp_path / 'dkim'} {log}", lambda: log.read_text().splitlines()


@pytest.fixture
def rotated(cast, acme, publish):
    """Lets another key take over, and returns it."""

    def act():
        key = rotate(actor=cast.actor(cast.bob), domain=acme)
        publish(key)
        check_domain(acme.pk)
        return key

    return act


def test_a_key_that_signs_is_written_with_the_tables_that_name_it(signing, folder):
    name = f"{signing.selector}._domainkey.acme.test"
    status, told = run(folder)
    assert (status, told.splitlines()[0]) == (0, f"The key {signing.selector} of acme.test was written.")
    file = f"keys/acme.test.{signing.selector}.private"
    assert held(folder) == {
        file: sealing.unseal(signing.sealed_private_key),
        "KeyTable": f"{name} acme.test:{signing.selector}:{folder}/{file}\n",
        "SigningTable": f"*@acme.test {name}\n",
        "dkim_selectors.map": f"acme.test {signing.selector}\n",
    }
    rspamd = (folder / "dkim_signing.conf").read_text()
    assert f'selector_map = "{folder}/dkim_selectors.map";' in rspamd
    assert f'path = "{folder}/keys/$domain.$selector.private";' in rspamd


def test_only_the_owner_reads_the_keys_unless_a_group_is_named(signing, folder):
    run(folder)
    key = folder / "keys" / f"acme.test.{signing.selector}.private"
    assert [mode(place) for place in (folder, folder / "keys", key)] == [0o750, 0o750, 0o600]
    status, told = run(folder, "--group", grp.getgrgid(os.getgid()).gr_name)
    assert (status, told, mode(key), key.stat().st_gid) == (0, "", 0o640, os.getgid())
    status, told = run(folder, "--group", "no-such-group")
    assert (status, "There is no group no-such-group on this machine." in told) == (1, True)


def test_nothing_is_done_where_nothing_has_changed(signing, folder, tmp_path):
    command, reloads = recorder(tmp_path)
    run(folder, "--then", command)
    before = touched(folder)
    assert run(folder, "--then", command) == (0, "")
    assert touched(folder) == before
    assert len(reloads()) == 1


def test_a_key_is_removed_only_after_the_signer_has_heard_of_its_successor(signing, rotated, folder, tmp_path):
    command, reloads = recorder(tmp_path)
    run(folder, "--then", command)
    fresh = rotated()
    status, told = run(folder, "--then", command)
    former, latter = f"acme.test.{signing.selector}", f"acme.test.{fresh.selector}"
    assert (status, told.splitlines()) == (
        0,
        [
            f"The key {fresh.selector} of acme.test was written.",
            "KeyTable was written anew.",
            "SigningTable was written anew.",
            "dkim_selectors.map was written anew.",
            f"Ran: {command}",
            f"The key {former} signs no more and was removed.",
        ],
    )
    assert reloads() == [former, f"{former} {latter}"]
    assert [file.stem for file in (folder / "keys").iterdir()] == [latter]


def test_a_signer_that_could_not_be_told_is_told_with_the_next_run(signing, rotated, folder, tmp_path):
    run(folder)
    rotated()
    failing, _ = recorder(tmp_path, status=3)
    status, told = run(folder, "--then", failing)
    assert (status, "ended with status 3. It is tried again with the next run." in told) == (1, True)
    assert len(list((folder / "keys").iterdir())) == 2
    assert run(folder, "--then", "/nonexistent/reload")[0] == 1
    working, _ = recorder(tmp_path)
    status, told = run(folder, "--then", working)
    assert (status, told.splitlines()[0]) == (0, f"Ran: {working}")
    assert len(list((folder / "keys").iterdir())) == 1
    assert run(folder, "--then", working) == (0, "")


@pytest.mark.parametrize("end", ["retired", "suspended"])
def test_what_signs_no_more_is_taken_away(cast, signing, folder, end):
    run(folder)
    if end == "retired":
        retire_key(actor=cast.actor(cast.bob), key=signing)
    else:
        suspend_tenant(actor=cast.system, tenant=cast.acme, reason="Invoice 4711 is overdue")
    assert run(folder)[0] == 0
    assert held(folder) == NOTHING_SIGNS


def test_files_of_others_in_the_folder_are_left_alone_and_halves_of_a_killed_run_go(signing, folder):
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "README").write_text("ours")
    (folder / "keys" / "acme.test.x.private.new").write_text("half")
    run(folder)
    assert (folder / "keys" / "README").read_text() == "ours"
    assert not list((folder / "keys").glob("*.new"))


def test_a_file_is_replaced_at_once(signing, folder, monkeypatch):
    """Who reads while it is written reads the former one, whole; a run that is killed leaves it."""
    run(folder)
    before = held(folder)
    DkimKey.objects.update(selector="ox202701a")
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("killed")))
    status, told = run(folder)
    assert (status, "cannot be written: killed" in told) == (1, True)
    still = {name: text for name, text in held(folder).items() if not name.endswith((".new", "-yet"))}
    assert still == before
    monkeypatch.undo()
    assert run(folder)[0] == 0
    assert list(held(folder)["SigningTable"].split()) == ["*@acme.test", "ox202701a._domainkey.acme.test"]


def test_one_key_that_cannot_be_opened_stops_no_other(cast, acme, signing, folder):
    run(folder)
    before = held(folder)
    globex = cast.globex.domains.get()
    globex.dkim_keys.create(selector="ox202611a", sealed_private_key="altered", public_key="x", state="active")
    DkimKey.objects.filter(pk=signing.pk).update(sealed_private_key="altered too")
    status, told = run(folder)
    assert (status, "No key opens the stored DKIM key of acme.test, globex.test." in told) == (1, True)
    assert held(folder) == before  # what was written before goes on signing


def test_it_never_says_a_word_of_a_key(signing, folder):
    _, told = run(folder)
    assert "PRIVATE" not in told
    assert signing.public_key not in told


def test_it_keeps_going_when_the_database_does_not(signing, folder, monkeypatch, capsys):
    stop, rounds = threading.Event(), []

    def round_by_round():
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise OperationalError
        stop.set()
        yield from ()

    monkeypatch.setattr(mail_dkim, "signing", round_by_round)
    monkeypatch.setattr(mail_dkim, "close_old_connections", lambda: None)
    mail_dkim.keep_going(SigningFolder(folder), None, 0.01, stop)
    assert rounds == [0, 1]
    assert "oxherd cannot reach its database." in capsys.readouterr().err
    assert held(folder) == NOTHING_SIGNS


@pytest.mark.parametrize("options", [("--every", "0"), ("--every", "soon")])
def test_odd_pauses_are_refused(folder, options):
    assert run(folder, *options)[0] == 2
    assert not folder.exists()


def test_a_file_in_place_of_the_folder_is_told(signing, folder):
    folder.write_text("")
    assert run(folder)[0] == 2
