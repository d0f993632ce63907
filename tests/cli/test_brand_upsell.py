import subprocess
import sys

import pytest
from click.testing import CliRunner
from tests.pictures import picture
from tests.rows import everything

from oxherd import sealing
from oxherd.brands.models import Brand, Logo, Upsell
from oxherd.cli.brand import brand


def run(*arguments: str, given: str | None = None) -> tuple[int, str]:
    outcome = CliRunner().invoke(brand, ["upsell", "sunrise", *arguments], input=given)
    return outcome.exit_code, outcome.output


def test_an_operator_opens_the_offer_and_gets_the_block_for_app_suite(cast, settings):
    settings.BASE_URL = "https://panel.test"
    hosts = ("--webmail-host", "webmail.sunrise.test", "--app-suite-url", "https://mail.sunrise.test/appsuite/")
    status, said = run("--on", *hosts, "--colour", "#FFCC00")
    key = Upsell.objects.get().key
    assert status == 0
    assert said.splitlines()[:4] == [
        "Purchase requests of Sunrise: open",
        f"Address of the offer: https://panel.test/upsell/{key}/",
        "May frame it: https://webmail.sunrise.test, https://mail.sunrise.test",
        "Who asks is verified by: nothing; requests are flagged as unverified",
    ]
    address = (
        f"plugins/upsell/simple-wizard//url=https://panel.test/upsell/{key}/?cid=$context_id&uid=$user_id&mail=$mail"
        "&lang=$language&host=$hostname&type=$type&id=$id&missing=$missing"
    )
    assert address in said.splitlines()
    assert "com.openexchange.capability.simple-wizard=true" in said.splitlines()
    assert "io.ox/core//upsell/enabled/calendar=true" in said.splitlines()
    assert "[token]" not in said
    assert Brand.objects.get(pk=cast.brand.pk).colour == "#ffcc00"
    assert run() == (0, said)


def test_secrets_are_read_from_files_and_never_shown(cast, tmp_path, settings):
    file = tmp_path / "secret"
    file.write_text("a-line-of-secrets\n")
    run("--app-suite-url", "https://mail.sunrise.test/appsuite/", "--token-secret-file", str(file))
    rest = ("--session-api-url", "https://ox.internal:8009", "--session-api-login", "rest")
    status, said = run(*rest, "--session-api-password-file", "-", given="rest-secret\n")
    upsell = Upsell.objects.get()
    assert status == 0
    assert sealing.unseal(upsell.sealed_token_secret) == "a-line-of-secrets"
    assert sealing.unseal(upsell.sealed_session_api_password) == "rest-secret"
    assert "Who asks is verified by: login token and session" in said.splitlines()
    assert "#session=$session" in said
    assert f"io.ox/settings/configjump//upgrade/url={settings.BASE_URL}/upsell/{upsell.key}/?token=[token]" in said
    assert not any(secret in said for secret in ("a-line-of-secrets", "rest-secret"))


def test_what_was_set_is_taken_back(cast, tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(picture())
    run("--on", "--webmail-host", "webmail.sunrise.test", "--logo", str(logo))
    first = Upsell.objects.get()
    assert Logo.objects.exists()
    status, said = run("--off", "--no-logo", "--webmail-host", "", "--new-key")
    second = Upsell.objects.get()
    assert (status, second.is_open, second.webmail_hosts, second.key == first.key) == (0, False, [], False)
    assert said.startswith("Purchase requests of Sunrise: closed\n")
    assert "May frame it: nobody; give --webmail-host or --app-suite-url" in said
    assert not Logo.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--colour", "blue"), "--colour: Give the colour as # and six digits, such as #3457d5."),
        (
            ("--session-api-url", "https://x"),
            "--session-api-login: The session look-up needs its login and password.",
        ),
        (("--app-suite-url", "x"), "--app-suite-url: Give a complete address that begins with https:// or http://."),
    ],
)
def test_what_is_wrong_is_told_at_its_option_and_nothing_is_changed(cast, arguments, sentence):
    before = everything()
    assert run("--on", "--webmail-host", "webmail.test", *arguments) == (1, f"Error: {sentence}\n")
    assert everything() == before


def test_a_brand_that_takes_no_requests_says_so(cast):
    status, said = run()
    assert (status, said) == (1, "Error: Sunrise takes no purchase requests. Add --on, and see --help for more.\n")


def test_help_needs_no_installation(tmp_path):
    command = [sys.executable, "-m", "oxherd.cli.main", "brand", "upsell", "--help"]
    environment = {"OXHERD_DATA": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "--webmail-host" in done.stdout) == (0, True), done.stderr
