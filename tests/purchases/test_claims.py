"""Whom a request names: found by what App Suite says, within one brand, and nobody else."""

import pytest

from oxherd.brands.commands import add_brand
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases, disable_ox
from oxherd.purchases.queries import Claim, claimed_account
from oxherd.tenants.commands import suspend_tenant


@pytest.fixture
def account(cast, anna):
    change_aliases(actor=cast.system, user=anna, aliases=("sales@acme.test",))
    return OxAccount.objects.get(user=anna)


@pytest.mark.parametrize(
    "claim",
    [
        {"context_id": "CID", "user_id": "3"},
        {"context_id": "CID", "user_id": "3", "mail": "somebody@else.test"},
        {"context_id": "CID", "mail": "anna.becker@acme.test"},
        {"context_id": "CID", "mail": "Sales@ACME.test "},
        {"mail": "anna.becker@acme.test"},
        {"context_id": "CID", "login": "anna.becker@acme.test"},
        {"context_id": "CID", "mail": "anna@private.test", "login": "anna.becker@acme.test"},
    ],
    ids=range(7),
)
def test_an_account_is_found_by_ids_address_or_login(cast, account, claim):
    claim = {key: value.replace("CID", str(cast.acme.context_id)) for key, value in claim.items()}
    assert claimed_account(cast.brand, Claim(**claim)) == account


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"context_id": "CID"},
        {"context_id": "CID", "user_id": "4"},
        {"context_id": "OTHER", "user_id": "3"},
        {"context_id": "999999", "user_id": "3"},
        {"user_id": "3"},
        {"context_id": "OTHER", "mail": "anna.becker@acme.test"},
        {"context_id": "CID", "mail": "nobody@acme.test"},
        {"context_id": "CID", "mail": "anna.becker"},
        {"context_id": "CID", "mail": "@"},
        {"context_id": "CID", "mail": "a\ud800@\x00.test"},
        {"context_id": "0", "user_id": "3"},
        {"context_id": "-1", "user_id": "3"},
        {"context_id": "²", "user_id": "3"},
        {"context_id": "1e3", "user_id": "3"},
        {"context_id": "CID", "user_id": "9" * 40},
        {"context_id": "9" * 10, "user_id": "3"},
        {"context_id": "CID' OR 1=1 --", "user_id": "3"},
    ],
    ids=range(18),
)
def test_anything_else_names_nobody(cast, account, claim):
    ids = {"CID": str(cast.acme.context_id), "OTHER": str(cast.globex.context_id)}
    for word, number in ids.items():
        claim = {key: value.replace(word, number) for key, value in claim.items()}
    assert claimed_account(cast.brand, Claim(**claim)) is None


@pytest.mark.parametrize("how", ["other brand", "suspended", "disabled", "removed"])
def test_who_is_out_of_reach_is_not_found(cast, anna, account, how):
    brand = cast.brand
    if how == "other brand":
        brand = add_brand(actor=cast.system, name="Other", api_url="http://127.0.0.1:9", username="x", password="y")
    elif how == "suspended":
        suspend_tenant(actor=cast.system, tenant=cast.acme)
    elif how == "disabled":
        disable_ox(actor=cast.system, user=anna)
    else:
        ServiceUser.objects.filter(pk=anna.pk).delete()
    claims = [Claim(str(cast.acme.context_id), "3"), Claim(mail="anna.becker@acme.test")]
    assert [claimed_account(brand, claim) for claim in claims] == [None, None]
