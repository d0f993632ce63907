import pytest
from django.core.exceptions import ImproperlyConfigured

from oxherd.project import env


@pytest.mark.parametrize(
    ("value", "backend"),
    [
        ("", "django.core.mail.backends.console.EmailBackend"),
        ("file", "django.core.mail.backends.filebased.EmailBackend"),
        ("smtp", "django.core.mail.backends.smtp.EmailBackend"),
        ("elsewhere.mail.Backend", "elsewhere.mail.Backend"),
    ],
)
def test_a_way_to_send_mail_is_a_word_or_a_path(monkeypatch, value, backend):
    monkeypatch.setenv("MAIL", value) if value else monkeypatch.delenv("MAIL", raising=False)
    assert env.email_backend("MAIL", "console") == backend


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", (False, False)), ("none", (False, False)), ("starttls", (True, False)), ("tls", (False, True))],
)
def test_the_way_to_the_mail_server_is_plain_or_by_tls(monkeypatch, value, expected):
    monkeypatch.setenv("SECURITY", value) if value else monkeypatch.delenv("SECURITY", raising=False)
    assert env.email_security("SECURITY") == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: env.email_backend("X", "console"), "sendmail"),
        (lambda: env.email_security("X"), "ssl3"),
        (lambda: env.address("X", "a@b.test"), "Panel <panel@b.test>"),
        (lambda: env.address("X", "a@b.test"), "panel"),
        (lambda: env.address("X", "a@b.test"), "@b.test"),
    ],
)
def test_a_wrong_mail_setting_is_told_by_its_name(monkeypatch, read, value):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X must be"):
        read()


@pytest.mark.parametrize(("value", "expected"), [("", None), (" ", None), ("0", 0), ("23", 23)])
def test_an_hour_may_be_left_out(monkeypatch, value, expected):
    monkeypatch.setenv("HOUR", value)
    assert env.hour("HOUR") == expected


@pytest.mark.parametrize("value", ["24", "-1", "2:30", "night"])
def test_a_wrong_hour_is_told_by_its_name(monkeypatch, value):
    monkeypatch.setenv("HOUR", value)
    with pytest.raises(ImproperlyConfigured, match="HOUR must be an hour from 0 to 23, or empty"):
        env.hour("HOUR")
