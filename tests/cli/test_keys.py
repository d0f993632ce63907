"""The key is exchanged while everything is at work, and no secret is lost on the way."""

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner
from django.apps import apps

from oxherd import sealing
from oxherd.brands.commands import change_brand
from oxherd.brands.models import Brand
from oxherd.cli.keys import keys, sealed_columns
from oxherd.signin.factor_commands import add_app
from oxherd.tenants.models import Tenant


@pytest.fixture
def file(tmp_path, monkeypatch, settings):
    """A file with the key that all secrets of the cast are sealed with."""
    file = tmp_path / "encryption-key"
    (old,) = settings.OXHERD_ENCRYPTION_KEYS
    file.write_text(f"{old}\n")
    settings.OXHERD_ENCRYPTION_KEYS = [old]  # a list of the test's own
    monkeypatch.delenv("OXHERD_ENCRYPTION_KEY", raising=False)
    monkeypatch.setenv("OXHERD_ENCRYPTION_KEY_FILE", str(file))
    return file


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(keys, list(arguments))
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output


def test_a_key_is_exchanged_and_the_old_one_opens_nothing_any_more(file, cast, settings):
    change_brand(actor=cast.system, brand=cast.brand, password="s3cret-of-the-brand")
    old = file.read_text().strip()
    assert run("add")[0] == 0
    first, second = file.read_text().split()
    assert (second, first != old, file.stat().st_mode & 0o777) == (old, True, 0o600)
    status, said = run("reseal")
    assert (status, said.startswith("Sealed anew: 3.")) == (0, True)  # the brand and two contexts
    assert run("reseal")[1].startswith("Sealed anew: 0.")
    assert run("retire")[0] == 0
    assert file.read_text().split() == settings.OXHERD_ENCRYPTION_KEYS == [first]
    assert sealing.unseal(Brand.objects.get().sealed_password) == "s3cret-of-the-brand"
    assert all(sealing.unseal(tenant.sealed_context_password) for tenant in Tenant.objects.all())


def test_no_key_is_retired_that_a_secret_still_needs(file, cast):
    cast.brand.refresh_from_db()
    change_brand(actor=cast.system, brand=cast.brand, password="s3cret-of-the-brand")
    run("add")
    status, said = run("retire")
    assert (status, "need an older key" in said) == (1, True)
    assert len(file.read_text().split()) == 2


def test_what_no_key_opens_is_named_and_the_rest_goes_on(file, cast):
    Brand.objects.update(sealed_password="altered by hand")
    Tenant.objects.update(sealed_context_password=sealing.seal("of the context"))
    run("add")
    status, said = run("reseal")
    assert status == 1
    assert f"No key opens the secret of brand {cast.brand.pk}." in said
    assert said.startswith("Sealed anew: 2.")


def test_secrets_of_second_factors_are_sealed_anew_too(file, cast, settings):
    add_app(actor=cast.actor(cast.bob), administrator=cast.bob, secret="JBSWY3DPEHPK3PXP")
    Brand.objects.update(sealed_password="")
    Tenant.objects.update(sealed_context_password="")
    run("add")
    assert run("reseal")[0] == 0
    run("retire")
    factor = Authenticator.objects.get(user=cast.bob, type="totp")
    assert sealing.unseal(factor.data["secret"]) == "JBSWY3DPEHPK3PXP"


def test_keys_in_the_environment_are_changed_there(monkeypatch, db):
    monkeypatch.setenv("OXHERD_ENCRYPTION_KEY", "x")
    status, said = run("add")
    assert (status, "Change them where it is set" in said) == (1, True)


def test_every_column_that_holds_something_sealed_says_so_by_its_name():
    found = {f"{model.__name__}.{column}" for model, column in sealed_columns()}
    assert {"Brand.sealed_password", "Tenant.sealed_context_password", "AuditChain.sealed_key"} <= found
    named = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("oxherd").get_models()
        for field in model._meta.concrete_fields
        if field.name.startswith("sealed_") and not field.name.endswith("_at")
    }
    assert named == found
