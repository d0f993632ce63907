"""What is no proper message is refused as the platform refuses it, and nothing outside a message is ever loaded."""

import pytest
import requests
from lxml import etree
from tests.sandbox.soap import client_fault, connected, envelope, post

AUTH = "<s:auth><m:login>oxadmin</m:login><m:password>admin-secret</m:password></s:auth>"
CONTEXT = "<s:ctx><d:id>10</d:id></s:ctx>"
DATA = "http://dataobjects.soap.admin.openexchange.com/xsd"
SERVICE = "http://soap.admin.openexchange.com"


def unexpected(name, namespace=DATA):
    return f'Unexpected element "{name}" (URI={namespace}). Please remove that element from SOAP request.'


def change(fields):
    return envelope(f"<s:change>{CONTEXT}<s:usrdata>{fields}</s:usrdata>{AUTH}</s:change>")


REFUSED = {
    "unknown field": ("<d:id>2</d:id><d:shoe_size>43</d:shoe_size>", unexpected("shoe_size")),
    "field of another namespace": (
        "<m:id>2</m:id>",
        unexpected("id", "http://dataobjects.rmi.admin.openexchange.com/xsd"),
    ),
    "field without a namespace": ("<id>2</id>", unexpected("id", "")),
    "wrong order": ("<d:name>oxadmin</d:name><d:id>2</d:id>", unexpected("id")),
    "twice": ("<d:id>2</d:id><d:id>2</d:id>", unexpected("id")),
    "element inside a text": ("<d:id>2</d:id><d:note><d:b>x</d:b></d:note>", unexpected("b")),
    "text as number": ("<d:id>two</d:id>", "Invalid value in line 1 in row {row}. Please correct SOAP request."),
    "number too large": (
        "<d:id>2147483648</d:id>",
        "Invalid value in line 1 in row {row}. Please correct SOAP request.",
    ),
    "no boolean": (
        "<d:id>2</d:id><d:mailenabled>yes</d:mailenabled>",
        "Invalid value in line 1 in row {row}. Please correct SOAP request.",
    ),
    "no base64": ("<d:image1>###</d:image1>", "Invalid value in line 1 in row {row}. Please correct SOAP request."),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_a_field_that_does_not_belong_is_a_client_fault(acme, fields, text):
    body = change(fields)
    row = max(body.find(value) for value in (b"two<", b"2147483648", b"yes<", b"###")) + 1
    assert client_fault(acme.url, body) == (500, "soap:Client", text.format(row=row))


def test_parameters_must_stand_in_order(acme):
    body = envelope(f"<s:listAll>{AUTH}{CONTEXT}</s:listAll>")
    assert client_fault(acme.url, body) == (500, "soap:Client", unexpected("ctx", SERVICE))


def test_the_line_of_a_bad_value_is_told(acme):
    body = change("\n<d:id>\n two</d:id>")
    text = "Invalid value in line 2 in row 1. Please correct SOAP request."
    assert client_fault(acme.url, body) == (500, "soap:Client", text)


@pytest.mark.parametrize("leftover", ["<d:clusterWeight>5</d:clusterWeight>", "<clusterWeight/>"])
def test_a_leftover_cluster_weight_is_dropped(acme, leftover):
    status, content = post(acme.url, "OXUserService", change(f"<d:id>2</d:id>{leftover}"))
    assert (status, len(content)) == (200, 0)


@pytest.mark.parametrize(("sent", "kept"), [("soon", None), ("2000-02-30", None), ("1999-12-31Z", "1999-12-31")])
def test_an_unparsable_date_is_ignored(acme, sent, kept):
    post(acme.url, "OXUserService", change(f"<d:birthday>{sent}</d:birthday><d:id>2</d:id>"))
    birthday = acme.user(2).birthday
    assert (birthday and birthday.isoformat()) == kept


def test_nil_is_as_good_as_absent(acme):
    post(acme.url, "OXUserService", change('<d:id>2</d:id><d:sur_name xsi:nil="true"/>'))
    assert acme.user(2).sur_name == "Beispiel"


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (
            envelope("<s:fly/>"),
            "soap:Client",
            f"Message part {{{SERVICE}}}fly was not recognized.  (Does it exist in service WSDL?)",
        ),
        (envelope(""), "soap:Client", "The SOAP body is empty: there is no operation to call."),
        (b"<a/>", "soap:Client", '"a" is not a SOAP 1.1 envelope with a body.'),
        (
            b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>',
            "soap:VersionMismatch",
            "A SOAP 1.2 message is not valid when sent to a SOAP 1.1 only endpoint.",
        ),
    ],
)
def test_what_is_no_call_is_a_client_fault(sandbox, body, code, text):
    assert client_fault(sandbox.url, body) == (500, code, text)


def test_broken_xml_is_a_client_fault(sandbox):
    status, code, text = client_fault(sandbox.url, envelope("<s:listAll>"))
    assert (status, code, text.startswith("Error reading XMLStreamReader: ")) == (500, "soap:Client", True)


def test_a_document_type_is_refused_before_anything_is_expanded(acme, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    kind = f'<!DOCTYPE e [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y "yyyy">]>'.encode()
    body = kind + change("<d:id>2</d:id><d:note>&x;&y;</d:note>")
    text = "Error reading XMLStreamReader: a document type is not allowed here"
    assert client_fault(acme.url, body) == (500, "soap:Client", text)
    assert acme.user(2).note is None


def test_headers_do_not_matter(acme):
    header = '<soap:Header><w:Action xmlns:w="http://www.w3.org/2005/08/addressing">urn:delete</w:Action></soap:Header>'
    body = envelope(f"<s:listAll>{CONTEXT}{AUTH}</s:listAll>").replace(b"<soap:Body>", header.encode() + b"<soap:Body>")
    status, content = post(acme.url, "OXUserService", body, SOAPAction='"urn:delete"')
    assert (status, etree.QName(content).localname) == (200, "listAllResponse")


def test_a_fault_is_as_on_the_wire(acme):
    get = f"<s:getData>{CONTEXT}<s:user><d:name>x</d:name></s:user>{AUTH}</s:getData>"
    status, fault = post(acme.url, "OXUserService", envelope(get))
    detail = fault.find("detail")[0]
    text = fault.findtext("faultstring")
    assert (status, fault.findtext("faultcode")) == (500, "soap:Server")
    assert text.startswith("No such user x in context 10; exceptionId ")
    names = [etree.QName(each).localname for each in detail.iter()]
    assert names == ["NoSuchUserException", "NoSuchUserException", "Exception"]


def test_every_fault_has_a_number_of_its_own(acme):
    get = envelope(f"<s:getData>{CONTEXT}<s:user><d:name>x</d:name></s:user>{AUTH}</s:getData>")
    texts = {post(acme.url, "OXUserService", get)[1].findtext("faultstring") for _ in range(3)}
    assert len(texts) == 3


def test_a_huge_body_is_refused(sandbox):
    answer = requests.post(f"{sandbox.url}/webservices/OXUserService", data=b" " * (32 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.text) == (413, "The body is larger than 33554432 bytes.\n")


def test_a_body_may_come_in_chunks(acme):
    body = envelope(f"<s:listAll>{CONTEXT}{AUTH}</s:listAll>")
    pieces = (body[start : start + 50] for start in range(0, len(body), 50))
    answer = requests.post(f"{acme.url}/webservices/OXUserService", data=pieces)
    assert answer.status_code == 200


def test_a_connection_carries_many_calls(acme):
    body = envelope(f"<s:listAll>{CONTEXT}{AUTH}</s:listAll>")
    request = b"POST /webservices/OXUserService HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with connected(acme.url) as connection, connection.makefile("rb") as stream:
        for _ in range(3):
            connection.sendall(request)
            assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
            length = next(
                int(line.split()[1]) for line in iter(stream.readline, b"") if line.startswith(b"Content-Length")
            )
            assert stream.readline() == b"Connection: keep-alive\r\n"
            assert stream.readline() == b"\r\n"
            assert stream.read(length).endswith(b"</soap:Envelope>")


def test_a_client_that_asks_first_is_told_to_go_on(acme):
    body = envelope(f"<s:listAll>{CONTEXT}{AUTH}</s:listAll>")
    head = b"POST /webservices/OXUserService HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with connected(acme.url) as connection, connection.makefile("rb") as stream:
        connection.sendall(head % len(body))
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        connection.sendall(body)
        assert [stream.readline(), stream.readline()] == [b"\r\n", b"HTTP/1.1 200 OK\r\n"]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"hello\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n"),
        (b"GET / HTTP/1.1\r\nbroken\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n"),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300 + b"\r\n", b"HTTP/1.1 431 Request Header Fields Too Large\r\n"),
    ],
)
def test_what_is_no_http_is_refused_cleanly(sandbox, request_bytes, status):
    with connected(sandbox.url) as connection, connection.makefile("rb") as stream:
        connection.sendall(request_bytes)
        assert stream.readline() == status
