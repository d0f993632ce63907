import pytest
from django.core.exceptions import ImproperlyConfigured

from oxherd.project import env


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", []),
        ("192.0.2.1", [("192.0.2.1", 53)]),
        ("127.0.0.1:5353, 192.0.2.1", [("127.0.0.1", 5353), ("192.0.2.1", 53)]),
        (
            "2001:db8::1,[2001:db8::2]:5353,[2001:DB8::3]",
            [("2001:db8::1", 53), ("2001:db8::2", 5353), ("2001:db8::3", 53)],
        ),
    ],
)
def test_servers_are_read_with_and_without_ports(monkeypatch, text, servers):
    monkeypatch.setenv("SERVERS", text)
    assert env.servers("SERVERS", port=53) == servers


@pytest.mark.parametrize(
    "text", ["dns.test", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x", "192.0.2.300", "[::1", "1,,x"]
)
def test_a_wrong_server_is_told_with_the_name_of_the_setting(monkeypatch, text):
    monkeypatch.setenv("SERVERS", text)
    with pytest.raises(ImproperlyConfigured, match=r"SERVERS must be IP addresses such as 192\.0\.2\.1"):
        env.servers("SERVERS", port=53)
