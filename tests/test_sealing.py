import pytest
from cryptography.fernet import Fernet

from oxherd.sealing import SealBroken, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def keys(settings):
    settings.OXHERD_ENCRYPTION_KEYS = [OLD]
    return settings


@pytest.mark.parametrize("secret", ["secret", "pässwörd ☂", "x" * 10_000])
def test_what_was_sealed_comes_back_and_cannot_be_read(secret):
    token = seal(secret)
    assert secret not in token
    assert unseal(token) == secret
    assert seal(secret) != token


def test_an_empty_secret_stays_empty():
    assert (seal(""), unseal("")) == ("", "")


def test_a_wrong_key_opens_nothing(keys):
    token = seal("secret")
    keys.OXHERD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(SealBroken) as caught:
        unseal(token)
    assert caught.value.sentence == "A stored secret cannot be opened with the configured encryption key."


@pytest.mark.parametrize("token", ["gibberish", "gAAAAA", "☂", "\x00"])
def test_an_altered_row_is_told_from_a_secret(token):
    with pytest.raises(SealBroken):
        unseal(token)


def test_a_new_key_in_front_seals_and_the_old_one_still_opens(keys):
    before = seal("secret")
    keys.OXHERD_ENCRYPTION_KEYS = [NEW, OLD]
    after = seal("another")
    assert (unseal(before), unseal(after)) == ("secret", "another")
    keys.OXHERD_ENCRYPTION_KEYS = [NEW]
    assert unseal(after) == "another"
    with pytest.raises(SealBroken):
        unseal(before)
