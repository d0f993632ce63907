"""What people enter as an address must not lead oxherd into networks behind the firewall."""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread

import pytest
import requests

from oxherd import outgoing
from oxherd.errors import Refused
from oxherd.outgoing import PLATFORM, PUBLIC, DestinationForbidden, check_url, may_reach

INSIDE = (
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "224.0.0.1", "ff02::1", "255.255.255.255", "198.18.0.1", "192.0.0.192"),
)
OUTSIDE = ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808")  # the last one stands for 8.8.8.8


class Inner:
    """A web server on this machine that counts who asks, and may lead elsewhere."""

    def __init__(self):
        inner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                inner.asked.append(self.path)
                self.send_response(302 if inner.leads_to else 200)
                if inner.leads_to:
                    self.send_header("Location", inner.leads_to)
                self.end_headers()
                self.wfile.write(inner.content)

            def log_message(self, *_):
                pass

        self.asked, self.leads_to, self.content = [], "", b"inner"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def inner():
    server = Inner()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_open_to_what_customers_enter(address):
    assert not may_reach(ip_address(address), "idp.test", PUBLIC)


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_are_open(address):
    assert may_reach(ip_address(address), "idp.test", PUBLIC)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "fd12::1", "8.8.8.8"])
def test_platforms_may_stand_in_private_networks(address):
    assert may_reach(ip_address(address), "ox.test", PLATFORM)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "0.0.0.0", "fe80::1"]
)
def test_no_platform_is_where_a_cloud_keeps_its_credentials(address):
    assert not may_reach(ip_address(address), "ox.test", PLATFORM)


def test_nothing_is_sent_inside(inner):
    with pytest.raises(DestinationForbidden):
        outgoing.get(inner.url)
    assert inner.asked == []


def test_a_name_is_judged_by_where_it_leads(inner, monkeypatch):
    """As with a name server that answers something else a moment later: what is looked up is what is used."""
    port = inner.server.server_port
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers[0])
    with pytest.raises(DestinationForbidden):
        outgoing.get(f"http://idp.test:{port}/")
    assert inner.asked == []


def test_the_operator_can_open_a_network(inner, settings):
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.0/8"]
    assert outgoing.get(inner.url) == b"inner"


def test_the_operator_can_open_a_name(inner, settings):
    settings.OXHERD_OUTGOING_ALLOWED = ["localhost"]
    assert outgoing.get(inner.url.replace("127.0.0.1", "localhost")) == b"inner"
    with pytest.raises(DestinationForbidden):
        outgoing.get(inner.url)


def test_a_redirect_inwards_is_not_followed(inner, settings):
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.1"]
    inner.leads_to = inner.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(DestinationForbidden):
        outgoing.get(inner.url)
    assert inner.asked == ["/"]


def test_an_endless_answer_is_given_up(inner, settings):
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.1"]
    inner.content = b"x" * (outgoing.LARGEST_ANSWER + 1)
    with pytest.raises(requests.RequestException, match="more than"):
        outgoing.get(inner.url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "a.localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::1]",
        "[fe80::1%25eth0]",
        "10.0.0.1.",
    ],
)
def test_an_address_inside_is_refused_at_its_field(host):
    with pytest.raises(Refused) as refusal:
        check_url(f"https://{host}/x", PUBLIC, "issuer")
    assert refusal.value.field == "issuer"
    assert "Give the public one" in refusal.value.sentence


def test_names_and_public_addresses_are_taken_as_they_are():
    for host in ("idp.example.com", "93.184.216.34", "[2606:4700::1111]"):
        check_url(f"https://{host}/", PUBLIC, "issuer")
