"""The platform's WSDLs: read once, whoever asks, and again when the platform was updated."""

import re
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from tests.ox.conftest import ACCESS, ANNA, connection_to
from tests.ox.wire import DATA, Answer, answered, fault, soap

from oxherd.errors import PlatformMisconfigured, PlatformRefused, PlatformUnreachable
from oxherd.ox.interface import UserChange, platform_for
from oxherd.sandbox.wsdl import wsdl

USERS, CONTEXTS = "/webservices/OXUserService?wsdl", "/webservices/OXContextService?wsdl"
MADE = answered("createByModuleAccessName", "<d:id>3</d:id>")


def older(name):
    """As 7.10 has it: no pictures."""
    return Answer(re.sub(rb"<xs:element [^>]*name=\"image1(ContentType)?\"[^>]*/>", b"", wsdl(name, "http://x/")))


def moved(name):
    return Answer(wsdl(name, "http://x/").replace(DATA.encode(), b"urn:new"))


def in_threads(count, act):
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_description_is_read_when_first_needed_and_once_for_all_threads(wire):
    wire.answer = lambda request: Answer(MADE)
    platforms = [platform_for(connection_to(wire.url, login=f"master{number % 3}")) for number in range(12)]
    assert wire.requests == []
    in_threads(12, lambda number: platforms[number].create_user(ACCESS, ANNA))
    assert wire.gets == [USERS]
    assert len(wire.posts) == 12


def test_services_do_not_wait_for_each_other(wire, wired):
    hold = threading.Event()
    own = wire.description
    wire.description = lambda name: replace(own(name), until=hold if name == "OXUserService" else None)
    slow = threading.Thread(target=lambda: wired.remove_user(ACCESS, 3))
    slow.start()
    wired.enable_context(10)
    hold.set()
    slow.join()
    assert sorted(wire.gets) == [CONTEXTS, USERS]


def test_a_failed_description_is_asked_for_again(wire, wired):
    own, wire.description = wire.description, lambda name: Answer(status=503)
    with pytest.raises(PlatformUnreachable):
        wired.enable_context(10)
    wire.description = own
    wired.enable_context(10)
    assert len(wire.posts) == 1


def test_an_answer_that_does_not_fit_is_read_with_a_new_description_and_not_asked_for_twice(wire, wired):
    wire.answer = lambda request: Answer(MADE.replace(DATA.encode(), b"urn:new"))
    wired.remove_user(ACCESS, 3)
    wire.description = moved
    assert wired.create_user(ACCESS, ANNA) == 3
    assert wire.gets == [USERS, USERS]
    assert len(wire.posts) == 2


def test_a_list_that_does_not_fit_is_asked_for_again_with_a_new_description(wire, wired):
    wire.answer = lambda request: Answer(
        answered("list", "<d:id>7</d:id><d:name>seven</d:name>").replace(DATA.encode(), b"urn:new")
    )
    wired.enable_context(10)
    wire.description = moved
    assert [context.name for context in wired.list_contexts()] == ["seven"]
    assert wire.gets == [CONTEXTS, CONTEXTS]


def test_an_answer_that_still_does_not_fit_is_unreachable(wire, wired):
    wire.answer = lambda request: Answer(soap("<s:somethingElse/>"))
    with pytest.raises(PlatformUnreachable) as caught:
        wired.create_user(ACCESS, ANNA)
    assert caught.value.sentence == "The platform's answer could not be understood. It is tried again."
    assert wire.gets == [USERS, USERS]
    assert len(wire.posts) == 1


def test_a_platform_that_lost_a_field_gets_the_request_again_without_it(wire, wired):
    def answer(request):
        if b"image1" in request.body:
            return fault("", 'Unexpected element "image1" (URI="x"). Please remove that element.', code="soap:Client")
        return Answer(MADE)

    wire.answer = answer
    wired.remove_user(ACCESS, 3)
    wire.description = older
    assert wired.create_user(ACCESS, replace(ANNA, photo=b"\xff\xd8")) == 3
    assert wire.gets == [USERS, USERS]
    assert [b"image1" in request.body for request in wire.posts] == [False, True, False]


def test_a_field_that_the_platform_never_takes_is_refused_after_two_tries(wire, wired):
    wire.answer = lambda request: fault("", 'Unexpected element "name" (URI="x").', code="soap:Client")
    with pytest.raises(PlatformRefused) as caught:
        wired.create_user(ACCESS, ANNA)
    assert caught.value.sentence == "This release of the platform does not know a field that was sent."
    assert len(wire.posts) == 2


def test_many_threads_read_a_new_description_once(wire, wired):
    wired.enable_context(10)
    wire.answer = lambda request: Answer(answered("getData", "<d:id>7</d:id>").replace(DATA.encode(), b"urn:new"))
    wire.description = moved
    barrier = threading.Barrier(8)
    found = []

    def look(number):
        barrier.wait()
        found.append(wired.find_context(context_id=7).context_id)

    in_threads(8, look)
    assert found == [7] * 8
    assert wire.gets == [CONTEXTS, CONTEXTS]


def test_photos_are_left_out_where_the_platform_has_no_field_for_them(wire, wired):
    wire.description = older
    wired.change_user(ACCESS, 3, UserChange(photo=b"\xff\xd8", surname="B"))
    assert wire.posts[0].fields("usrdata") == [("id", "3"), ("sur_name", "B")]


def test_parts_of_a_description_are_read_from_the_platform_whatever_port_it_names(wire, wired):
    own = wire.description
    whole = own("OXContextService").body.decode()
    start, end = whole.index("<wsdl:types>"), whole.index("</wsdl:types>") + len("</wsdl:types>")
    outer = whole[:start] + whole[end:]
    part = whole[: whole.index("<wsdl:message")] + "</wsdl:definitions>"
    first_tag_end = outer.index(">", outer.index("<wsdl:definitions")) + 1
    namespace = "http://soap.admin.openexchange.com"
    location = "http://127.0.0.1:80/webservices/OXContextService?wsdl=types.wsdl"
    imported = f'<wsdl:import namespace="{namespace}" location="{location}"/>'
    outer = outer[:first_tag_end] + imported + outer[first_tag_end:]
    answers = iter([Answer(outer.encode()), Answer(part.encode())])
    wire.description = lambda name: next(answers)
    wired.enable_context(10)
    assert wire.gets == [CONTEXTS, f"{CONTEXTS}=types.wsdl"]


def test_a_release_without_an_operation_is_misconfigured(wire, wired):
    own = wire.description
    operation = re.compile(rb'<wsdl:operation name="delete">.*?</wsdl:operation>', re.DOTALL)
    wire.description = lambda name: Answer(operation.sub(b"", own(name).body))
    with pytest.raises(PlatformMisconfigured) as caught:
        wired.remove_user(ACCESS, 3)
    assert caught.value.sentence == (
        "The platform's OXUserService has no operation delete. Use a release of App Suite that offers it."
    )


def test_the_doctor_tells_an_older_release_and_a_missing_operation(wire, wired):
    operation = re.compile(rb'<wsdl:operation name="(delete|listAll)">.*?</wsdl:operation>', re.DOTALL)
    wire.answer = lambda request: Answer(answered("exists", "false"))
    wire.description = lambda name: Answer(operation.sub(b"", older(name).body))
    findings = {finding.name: (finding.ok, finding.sentence) for finding in wired.check().findings}
    assert findings["OXUserService"] == (
        False,
        "OXUserService lacks delete, listAll. Use a release of App Suite that offers them.",
    )
    assert findings["release"] == (True, "The platform is App Suite 7.10 or older: photos are not sent to it.")
    assert findings["credentials"] == (True, "The platform accepts the login and password.")


FRESH_THREADS = """
import sys, threading
from oxherd.errors import PlatformUnreachable
from oxherd.ox.descriptions import read_service

def get(url):
    raise PlatformUnreachable("Nobody there.")

def read(name):
    start.wait()
    try:
        read_service("http://ox.example", name, get)
    except Exception as error:
        print(type(error).__name__ + " ", end="")

sys.setswitchinterval(1e-6)
start = threading.Barrier(4)
threads = [threading.Thread(target=read, args=[f"OX{number}Service"]) for number in range(4)]
for thread in threads:
    thread.start()
"""


def test_threads_of_a_new_process_may_read_their_first_descriptions_at_once():
    done = subprocess.run([sys.executable, "-c", FRESH_THREADS], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["PlatformUnreachable"] * 4
