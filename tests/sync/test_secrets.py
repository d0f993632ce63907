"""No secret is anywhere in clear: not in a table, a job, a session, the cache, a log line, nor in an answer."""

import base64
import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from tests.cast import PASSWORD
from tests.sync.conftest import Stage, account_of
from tests.worker import drain

from oxherd import sealing
from oxherd.accounts.states import Role
from oxherd.administrators.invitations import invite
from oxherd.adoption.models import Adoption
from oxherd.app_passwords.making import digest_of
from oxherd.app_passwords.models import AppPassword
from oxherd.brands.models import Brand, Upsell
from oxherd.cli.brand import brand as brand_command
from oxherd.people.commands import change_password
from oxherd.people.models import ServiceUser
from oxherd.signin.factor_commands import add_app
from oxherd.sync import housekeeping
from oxherd.tenants.commands import switch_self_service
from oxherd.tenants.models import Tenant

PLANTED = "Planted-Secret-4711-Zebra"


def planted(what: str) -> str:
    """A secret that nothing else looks like."""
    return f"Planted-{what}-8264-Zebra-Umbrella"


def everything_stored() -> str:
    """All rows of all tables as text, and what sessions and the cache hold packed up."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT whole::text FROM "{table}" whole')
            texts += [row for (row,) in cursor.fetchall()]
        cursor.execute("SELECT value FROM oxherd_cache")
        texts += [repr(base64.b64decode(value)) for (value,) in cursor.fetchall()]
    texts += [repr(session.get_decoded()) for session in Session.objects.all()]
    return "\n".join(texts)


def found(secrets: dict[str, str], text: str) -> list[str]:
    """Which of the secrets stand there, in clear or in one of the ways in which clear text is written differently."""
    return [
        name
        for name, secret in secrets.items()
        for form in (
            secret,
            secret.encode().hex(),
            base64.b64encode(secret.encode()).decode()[:-4],
        )
        if form in text
    ]


def test_a_password_is_nowhere_in_clear(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    anna = stage.cast.user(ox=True)
    drain()
    change_password(actor=stage.cast.system, user=anna, password=PLANTED)
    assert account_of(anna).sealed_password != ""
    assert PLANTED not in everything_stored()
    stage.strikes("storage_exception", times=1)
    drain()
    drain()
    assert account_of(anna).sealed_password == ""
    assert PLANTED not in everything_stored()
    assert PLANTED not in caplog.text


def test_the_search_would_find_what_is_in_clear(stage: Stage, db: None) -> None:
    secrets = {word: planted(word) for word in ("name", "bytes", "cached", "session")}
    Brand.objects.filter(pk=stage.cast.brand.pk).update(
        username=secrets["name"], service_url=secrets["bytes"].encode().hex()
    )
    cache.set("x", secrets["cached"])
    client = stage.cast.client(stage.cast.bob)
    session = client.session
    session["kept"] = secrets["session"]
    session.save()
    assert set(found(secrets, everything_stored())) == set(secrets)


class Visits:
    """A browser that keeps what it was answered."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.answers: list[str] = []

    def post(self, url: str, **fields: Any) -> Any:
        answer = self.client.post(url, fields)
        headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.answers.append(f"{url} {headers} {answer.content.decode(errors='replace')}")
        return answer


def test_no_door_leaves_a_secret_behind(stage: Stage, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {
        word: planted(word) for word in ("guess", "administrator", "user", "brand", "token", "session", "adoption")
    }
    cast = stage.cast
    anna = cast.user(ox=True)
    visits = Visits(cast.client(cast.bob))
    _by_the_panel(stage, visits, anna.pk, secrets)
    _by_the_command_line(stage, tmp_path, secrets)
    made = invite(actor=cast.actor(cast.alice), email="eve@panel.test", role=Role.READ_ONLY, tenant=cast.acme)
    secrets["invitation"] = made.link.rstrip("/").rpartition("/")[2]
    secrets |= _application_passwords(stage, visits.client, anna)
    secrets["app"] = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    add_app(actor=cast.actor(cast.bob), administrator=cast.bob, secret=secrets["app"])
    assert found(secrets, everything_stored()) == []
    stage.strikes("storage_exception", times=2)
    for _ in range(3):
        drain()
    secrets["context"] = sealing.unseal(Tenant.objects.get(pk=cast.acme.pk).sealed_context_password)
    housekeeping.one_round()
    cast.bob.refresh_from_db()
    assert (account_of(anna).sealed_password, cast.bob.check_password(secrets["administrator"])) == ("", True)
    assert len(secrets["context"]) > 10
    assert found(secrets, everything_stored()) == []
    assert found(secrets, caplog.text) == []
    assert found(secrets, "\n".join(visits.answers)) == []


def _by_the_panel(stage: Stage, visits: Visits, user_id: int, secrets: dict[str, str]) -> None:
    """A wrong sign-in, a user's password (also one that is refused), one's own, and that of a context to be adopted."""
    Visits(Client()).post("/sign-in/login/", login="bob@panel.test", password=secrets["guess"])
    url = f"/t/{stage.cast.acme.pk}/users/{user_id}/password/"
    refused = visits.post(url, password=secrets["user"], confirm="something else")
    assert refused.status_code == 422
    assert visits.post(url, password=secrets["user"], confirm=secrets["user"]).status_code == 302
    alice = Visits(stage.cast.client(stage.cast.alice))
    wish = {"brand": stage.cast.brand.pk, "context": "acme", "administrator": "boss", "password": secrets["adoption"]}
    assert alice.post("/customers/adopt/add/", **wish).status_code == 302
    assert sealing.unseal(Adoption.objects.get().sealed_password) == secrets["adoption"]
    visits.answers += alice.answers
    new = secrets["administrator"]
    assert visits.post("/account/password/", old=PASSWORD, new=new, again=new).status_code == 302


def _application_passwords(stage: Stage, client: Client, anna: ServiceUser) -> dict[str, str]:
    """One by the panel and one by the page of one's own; the answers that show them are not kept."""
    cast = stage.cast
    cast.carry_mail()
    switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    shown = [client.post(f"/t/{cast.acme.pk}/users/{anna.pk}/app-passwords/add/", {"name": "Telephone"})]
    her, password = Client(), "A-Long-Enough-Staple-Of-Hers"
    change_password(actor=cast.system, user=anna, password=password)
    assert her.post("/me/sign-in/", {"login": anna.login, "password": password}).url == "/me/"
    shown.append(her.post("/me/app-passwords/add/", {"name": "Tablet", "old": password}))
    secrets = {f"application password {number}": each.context["secret"] for number, each in enumerate(shown)}
    kept = AppPassword.objects.values_list("digest", flat=True)
    assert sorted(map(digest_of, secrets.values())) == sorted(kept)
    return secrets


def _by_the_command_line(stage: Stage, folder: Path, secrets: dict[str, str]) -> None:
    """A brand whose password the platform refuses, and the secrets of purchase requests."""
    account = ["--platform", "app_suite", "--api-url", stage.sandbox.url, "--username", "oxadminmaster"]
    added = CliRunner().invoke(
        brand_command, ["add", "South", *account, "--password-file", "-"], input=f"{secrets['brand']}\n"
    )
    south = Brand.objects.get(name="South")
    assert sealing.unseal(south.sealed_password) == secrets["brand"]
    for word in ("token", "session"):
        (folder / word).write_text(secrets[word])
    files = ["--token-secret-file", str(folder / "token"), "--session-api-password-file", str(folder / "session")]
    told = CliRunner().invoke(brand_command, ["upsell", "Sunrise", "--on", *files])
    assert sealing.unseal(Upsell.objects.get().sealed_token_secret) == secrets["token"]
    assert found(secrets, added.output + told.output) == []
