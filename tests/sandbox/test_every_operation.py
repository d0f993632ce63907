"""Walks the list of operations: each answers as its schema says, or with a fault that it declares, whatever is sent."""

import base64
import shutil
from random import Random

import pytest
from lxml import etree
from tests.sandbox.fuzz import MUTATIONS, mutated
from tests.sandbox.schema import answer_schema
from tests.sandbox.soap import SOAP, envelope
from tests.sandbox.walk import CALLS, REFUSED, answered, credentials_of, furnish, message

from oxherd.sandbox.contract import service, service_names
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.wsdl import response_element

EVERY = [(name, operation) for name in service_names() for operation in service(name).operations]
ROUNDS = 12


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A file that each test takes a copy of."""
    file = tmp_path_factory.mktemp("furnished") / "sandbox.sqlite3"
    platform = Platform(file)
    furnish(platform)
    platform.store.close()
    return file


@pytest.fixture
def platform(furnished, tmp_path):
    ready = Platform(shutil.copy(furnished, tmp_path / "sandbox.sqlite3"))
    yield ready
    ready.store.close()


@pytest.fixture(scope="module")
def worn(furnished, tmp_path_factory):
    """One for all who do not mind what others did to it."""
    ready = Platform(shutil.copy(furnished, tmp_path_factory.mktemp("worn") / "sandbox.sqlite3"))
    yield ready
    ready.store.close()


def check(name, operation, status, content):
    """A valid answer, or a valid fault that the operation declares; a client fault is the kind `Client`."""
    if status == 200 and response_element(service(name).operations[operation]) is None:
        assert (content.tag, len(content)) == (f"{{{SOAP}}}Body", 0)
    elif status == 200:
        assert etree.QName(content).localname == response_element(service(name).operations[operation])
        answer_schema(name).assertValid(content)
    elif (detail := content.find("detail")) is not None:
        kind = etree.QName(detail[0]).localname
        assert (status, kind) == (500, kind if kind in service(name).operations[operation].faults else "a declared one")
        assert "Internal error" not in content.findtext("faultstring")
        answer_schema(name).assertValid(detail[0])
        return kind
    else:
        assert (status, content.findtext("faultcode")) == (500, "soap:Client")
        return "Client"
    return None


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_the_answer_is_as_the_schema_says(platform, name, operation):
    status, content = answered(platform, name, message(name, operation))
    assert check(name, operation, status, content) == REFUSED.get((name, operation))


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_a_wrong_password_gets_a_declared_and_valid_fault(worn, name, operation):
    root = etree.fromstring(message(name, operation))
    for credentials in root.iter(f"{{{service(name).namespace}}}{credentials_of(name, operation)}"):
        credentials[1].text = "wrong"
    status, fault = answered(worn, name, etree.tostring(root))
    assert check(name, operation, status, fault) == "InvalidCredentialsException"


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_nothing_but_credentials_gets_an_answer_or_a_declared_fault(worn, name, operation):
    root = etree.fromstring(message(name, operation))
    call = root.find(f"{{{SOAP}}}Body")[0]
    for argument in call:
        if etree.QName(argument).localname not in ("ctx", "context", "ctxid", credentials_of(name, operation)):
            call.remove(argument)
    check(name, operation, *answered(worn, name, etree.tostring(root)))


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_whatever_is_sent_gets_an_answer_or_a_declared_fault(worn, name, operation):
    """The same every time: the dice are loaded with the name of the operation."""
    dice = Random(f"{name}.{operation}")
    right = message(name, operation)
    for _ in range(ROUNDS):
        wrong = mutated(right, dice)
        status, content = answered(worn, name, wrong)
        assert etree.tostring(content).startswith(b"<"), wrong
        check(name, operation, status, content)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_each_way_to_spoil_a_message_spoils_it(mutation):
    right = message("OXUserService", "create")
    assert mutation(etree.fromstring(right), Random(1)) != etree.tostring(etree.fromstring(right))


def test_what_is_no_message_at_all_is_a_client_fault(worn):
    for body in (b"", b"\0", b"<", b"{}", b"<a/>", envelope(""), envelope("<x/>"), envelope("<s:nothing/>")):
        status, fault = answered(worn, "OXUserService", body)
        assert (status, fault.findtext("faultcode")) == (500, "soap:Client")


def test_every_operation_of_the_contract_is_walked():
    operations = {(name, key) for name in service_names() for key in CALLS[name] if key in service(name).operations}
    assert operations == set(EVERY)


def test_a_picture_travels_both_ways(platform):
    _, content = answered(platform, "OXUserService", message("OXUserService", "getData"))
    image = content[0].findtext("{http://dataobjects.soap.admin.openexchange.com/xsd}image1")
    assert base64.b64decode(image) == b"picture"
