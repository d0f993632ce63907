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
