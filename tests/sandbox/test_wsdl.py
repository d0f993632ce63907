import pytest
import requests
import zeep
from lxml import etree
from tests.sandbox.schema import answer_schema

from oxherd.sandbox.contract import service, service_names

WSDL = {"w": "http://schemas.xmlsoap.org/wsdl/", "xs": "http://www.w3.org/2001/XMLSchema"}
WSAM = "{http://www.w3.org/2007/05/addressing/metadata}Action"


def document(sandbox, name, **headers):
    return etree.fromstring(requests.get(f"{sandbox.url}/webservices/{name}?wsdl", headers=headers).content)


@pytest.mark.parametrize("name", service_names())
def test_zeep_loads_every_operation_with_its_parameters_in_order(sandbox, name):
    client = zeep.Client(f"{sandbox.url}/webservices/{name}?wsdl")
    binding = client.wsdl.bindings[f"{{{service(name).namespace}}}{name}SoapBinding"]
    loaded = {key: [part for part, _ in known.input.body.type.elements] for key, known in binding._operations.items()}
    contract = service(name)
    assert loaded == {key: [field.name for field in each.parameters] for key, each in contract.operations.items()}
    client.transport.session.close()


def test_the_names_are_those_of_the_real_one(sandbox):
    root = document(sandbox, "OXUserService")
    names = [root.find(path, WSDL).get("name") for path in ("w:service", "w:portType", "w:binding", "w:service/w:port")]
    assert names == ["OXUserService", "OXUserServicePortType", "OXUserServiceSoapBinding", "OXUserServiceHttpsEndpoint"]


def test_the_address_is_that_of_the_request(sandbox):
    root = document(sandbox, "OXUserService", Host="ox.example:8443", **{"X-Forwarded-Proto": "https"})
    address = root.find("w:service/w:port", WSDL)[0].get("location")
    assert address == "https://ox.example:8443/webservices/OXUserService"


def test_a_void_operation_has_an_output_message_without_parts(sandbox):
    message = document(sandbox, "OXUserService").find("w:message[@name='deleteResponse']", WSDL)
    assert len(message) == 0


def test_faults_are_named_after_the_exception_class(sandbox):
    root = document(sandbox, "OXUserService")
    part = root.find("w:message[@name='NoSuchUserException_Exception']/w:part", WSDL)
    fault = root.find("w:portType/w:operation[@name='delete']/w:fault[@name='NoSuchUserException_Exception']", WSDL)
    assert part.get("name") == "NoSuchUserException_Exception"
    assert fault.get(WSAM) == "urn:deleteNoSuchUserException"


def test_a_user_has_other_fields_in_the_context_service(sandbox):
    counts = [
        len(document(sandbox, name).findall(".//xs:complexType[@name='User']//xs:element", WSDL))
        for name in ("OXUserService", "OXContextService")
    ]
    assert counts == [137, 128]


@pytest.mark.parametrize("name", service_names())
def test_the_schemas_are_sound(name):
    assert answer_schema(name) is not None


def test_the_services_are_listed(sandbox):
    page = requests.get(f"{sandbox.url}/webservices/").text
    assert [name for name in service_names() if f"/webservices/{name}?wsdl" in page] == list(service_names())


def test_an_unknown_service_is_not_found(sandbox):
    assert requests.get(f"{sandbox.url}/webservices/OXGuardService?wsdl").status_code == 404
