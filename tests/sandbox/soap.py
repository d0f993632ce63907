"""Two clients for the stand-in: zeep, which reads strictly by the WSDL, and bare bytes over a socket."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault
from zeep.transports import Transport

from oxherd.sandbox.contract import service
from oxherd.sandbox.wsdl import wsdl

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACES = (
    'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:s="http://soap.admin.openexchange.com" '
    'xmlns:d="http://dataobjects.soap.admin.openexchange.com/xsd" '
    'xmlns:m="http://dataobjects.rmi.admin.openexchange.com/xsd" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
MASTER = {"login": "oxadminmaster", "password": "secret"}
ADMIN = {"login": "oxadmin", "password": "admin-secret"}
ACME = {"id": 10}
NORTH = {"login": "north", "password": "north-secret"}
SOUTH = {"login": "south", "password": "south-secret"}
NORTH_ACME = {"id": 1}


@cache
def description(name: str) -> zeep.Client:
    """The WSDL as zeep understands it; each test binds it to its own server."""
    return zeep.Client(BytesIO(wsdl(name, "http://unused.invalid/")))


class Caller:
    """`caller.users.getData(...)` with zeep; the methods `master` to `resource` bring their credentials."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.contexts = self.service("OXContextService")
        self.users = self.service("OXUserService")
        self.groups = self.service("OXGroupService")
        self.resources = self.service("OXResourceService")
        self.resellers = self.service("OXResellerService")
        self.brand_contexts = self.service("OXResellerContextService")
        self.brand_users = self.service("OXResellerUserService")
        self.brand_groups = self.service("OXResellerGroupService")
        self.brand_resources = self.service("OXResellerResourceService")
        self.oxaas = self.service("OXaaSService")

    def service(self, name: str) -> Any:
        known = description(name)
        client = zeep.Client.__new__(zeep.Client)
        client.__dict__ |= vars(known)
        client.transport = Transport(session=self.session, operation_timeout=20)
        binding = f"{{{service(name).namespace}}}{name}SoapBinding"
        return client.create_service(binding, f"{self.url}/webservices/{name}")

    def master(self, operation: str, **arguments: Any) -> Any:
        return self.contexts[operation](**arguments, auth=MASTER)

    def admin(self, operation: str, **arguments: Any) -> Any:
        return self.users[operation](ctx=ACME, **arguments, auth=ADMIN)

    def add_brand(self, name: str, /, *, by: dict[str, str] | None = None, **restrictions: str) -> int:
        """`Subadmin__MaxContext="1"` is the restriction Subadmin.MaxContext."""
        limits = [{"name": key.replace("__", "."), "value": value} for key, value in restrictions.items()]
        sent = {"name": name, "displayname": name.title(), "password": f"{name}-secret", "restrictions": limits}
        return int(self.resellers.create(adm=sent, creds=by or MASTER).id)

    def add_brand_context(self, name: str, /, *, by: dict[str, str] = NORTH, **changes: Any) -> Any:
        return self.brand_contexts.createModuleAccessByName(
            ctx={"name": name, "maxQuota": 1000, **changes},
            admin_user=context_admin(),
            access_combination_name="cloud_productivity",
            auth=by,
        )

    def in_brand(self, operation: str, **arguments: Any) -> Any:
        return self.brand_users[operation](ctx=NORTH_ACME, **arguments, auth=NORTH)

    def add_to_brand(self, name: str, /, **changes: Any) -> int:
        answer = self.in_brand(
            "createByModuleAccessName", usrdata=person(name, **changes), access_combination_name="cloud_pim"
        )
        return int(answer.id)

    def add(self, name: str, /, **changes: Any) -> int:
        answer = self.admin(
            "createByModuleAccessName", usrdata=person(name, **changes), access_combination_name="groupware_standard"
        )
        return int(answer.id)

    def user(self, user_id: int) -> Any:
        return self.admin("getData", user={"id": user_id})

    def group(self, operation: str, **arguments: Any) -> Any:
        return self.groups[operation](ctx=ACME, **arguments, auth=ADMIN)

    def resource(self, operation: str, **arguments: Any) -> Any:
        return self.resources[operation](ctx=ACME, **arguments, auth=ADMIN)

    def add_group(self, name: str, /, *members: int) -> int:
        grp = {"name": name, "displayname": f"Group {name}", "members": list(members)}
        return int(self.group("create", grp=grp).id)

    def add_resource(self, name: str, /, **changes: Any) -> int:
        return int(self.resource("create", res=room(name, **changes)).id)


@contextmanager
def calling(url: str) -> Iterator[Caller]:
    caller = Caller(url)
    with caller.session:
        yield caller


def person(name: str, /, **changes: Any) -> dict[str, Any]:
    """Everything mandatory; a change to None takes a field away."""
    address = f"{name}@acme.test"
    fields = {
        "name": name,
        "display_name": f"{name.title()} Beispiel",
        "password": f"{name}-secret",
        "given_name": name.title(),
        "sur_name": "Beispiel",
        "primaryEmail": address,
        "email1": address,
    }
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}


def room(name: str, /, **changes: Any) -> dict[str, Any]:
    """Everything mandatory; a change to None takes a field away."""
    fields = {"name": name, "displayname": f"Room {name}", "email": f"{name.replace(' ', '-')}@acme.test"}
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}


def context_admin(**changes: Any) -> dict[str, Any]:
    return person("oxadmin", password="admin-secret", **changes)


def attributes(**values: str | None) -> dict[str, Any]:
    """`attributes(config__quota="1")` is config/quota = 1; None deletes."""
    nil = zeep.xsd.Nil
    pairs = [(*key.split("__"), nil if value is None else value) for key, value in values.items()]
    entries = [{"key": outer, "value": {"entries": [{"key": key, "value": value}]}} for outer, key, value in pairs]
    return {"entries": entries}


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """The kind of the fault that the call ends in, and its text without the exception ids."""
    with pytest.raises(Fault) as caught:
        call()
    fault = caught.value
    kind = etree.QName(fault.detail[0]).localname if fault.detail is not None else fault.code.split(":")[-1]
    return kind, without_ids(fault.message)


def without_ids(text: str) -> str:
    return re.sub(r"; exceptionId -?\d+-\d+", "", text)


def envelope(body: str) -> bytes:
    return f"<soap:Envelope {NAMESPACES}><soap:Body>{body}</soap:Body></soap:Envelope>".encode()


def post(url: str, name: str, body: bytes, **headers: str) -> tuple[int, etree._Element]:
    """Status, and the first child of the SOAP body (or the empty body itself)."""
    answer = requests.post(
        f"{url}/webservices/{name}", data=body, headers={"Content-Type": "text/xml; charset=utf-8", **headers}
    )
    content = etree.fromstring(answer.content).find(f"{{{SOAP}}}Body")
    return answer.status_code, content[0] if len(content) else content


def client_fault(url: str, body: bytes) -> tuple[int, str, str]:
    status, fault = post(url, "OXUserService", body)
    return status, fault.findtext("faultcode"), fault.findtext("faultstring")


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection
