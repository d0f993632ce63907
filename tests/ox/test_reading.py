"""What we make of the platform's answers."""

from itertools import islice

import pytest
from tests.ox.conftest import ACCESS
from tests.ox.wire import Answer, answered, fault

from oxherd.errors import PlatformUnreachable
from oxherd.ox.descriptions import read_service
from oxherd.ox.interface import FoundContext, FoundUser
from oxherd.ox.messages import returned_in_pieces
from oxherd.sandbox.wsdl import wsdl

MARK = (
    "<d:userAttributes><d:entries><d:key>config</d:key><d:value><d:entries><d:key>account</d:key><d:value>no</d:value>"
    "</d:entries></d:value></d:entries><d:entries><d:key>oxherd</d:key><d:value><d:entries><d:key>other</d:key>"
    "<d:value>no</d:value></d:entries><d:entries><d:key>account</d:key><d:value>account-1</d:value></d:entries>"
    "</d:value></d:entries></d:userAttributes>"
)
ANNA = (
    '<d:aliases>anna@acme.test</d:aliases><d:aliases>info@acme.test</d:aliases><d:anniversary xsi:nil="true"/>'
    "<d:contextadmin>false</d:contextadmin><d:display_name>Anna Ä</d:display_name><d:given_name>Anna</d:given_name>"
    "<d:id>3</d:id><d:language>de_DE</d:language><d:mailenabled>true</d:mailenabled><d:maxQuota>2048</d:maxQuota>"
    '<d:name>anna</d:name><d:password xsi:nil="true"/><d:primaryEmail>anna@acme.test</d:primaryEmail>'
    "<d:sur_name>Beispiel</d:sur_name><d:timezone>UTC</d:timezone><d:usedQuota>7</d:usedQuota>"
    f"{MARK}<d:image1>/9g=</d:image1>"
)


def test_a_user_is_read_field_by_field(wire, wired):
    wire.answer = lambda request: Answer(answered("getData", ANNA))
    user = wired.find_user(ACCESS, name="anna")
    assert user == FoundUser(
        ox_id=3,
        name="anna",
        display_name="Anna Ä",
        given_name="Anna",
        surname="Beispiel",
        primary_address="anna@acme.test",
        aliases=("anna@acme.test", "info@acme.test"),
        language="de_DE",
        timezone="UTC",
        drive_quota_mb=2048,
        used_quota_mb=7,
        mail_enabled=True,
        marker="account-1",
        photo=b"\xff\xd8",
    )
    assert user.photo_sha256 == "71563ad80061407ede9c6f316836284bd3710a520c5a792b5eda1cb703690815"


def test_nil_and_missing_fields_have_their_meaning(wire, wired):
    nil = "".join(f'<d:{name} xsi:nil="true"/>' for name in ("display_name", "image1", "mailenabled", "userAttributes"))
    wire.answer = lambda request: Answer(answered("getData", f"{nil}<d:id>3</d:id><d:maxQuota>-1</d:maxQuota>"))
    user = wired.find_user(ACCESS, ox_id=3)
    assert (user.display_name, user.aliases, user.marker, user.photo, user.photo_sha256) == ("", (), None, None, None)
    assert (user.drive_quota_mb, user.used_quota_mb, user.mail_enabled) == (None, 0, True)


def test_a_context_is_read_field_by_field(wire, wired):
    fields = (
        '<d:average_size xsi:nil="true"/><d:enabled>false</d:enabled><d:id>10</d:id>'
        "<d:loginMappings>10</d:loginMappings>"
        "<d:loginMappings>acme.test</d:loginMappings><d:maxQuota>1024</d:maxQuota><d:name>acme</d:name>"
        "<d:usedQuota>12</d:usedQuota>" + MARK.replace("account", "tenant")
    )
    wire.answer = lambda request: Answer(answered("getData", fields))
    assert wired.find_context(name="acme") == FoundContext(
        context_id=10,
        name="acme",
        login_mappings=("10", "acme.test"),
        quota_mb=1024,
        used_quota_mb=12,
        enabled=False,
        marker="tenant-1",
    )


@pytest.mark.parametrize("field", ["<d:id>three</d:id>", "<d:id/>", "<d:id>3</d:id><d:mailenabled>yes</d:mailenabled>"])
def test_a_value_that_cannot_be_read_is_never_taken_for_none(wire, wired, field):
    wire.answer = lambda request: Answer(answered("getData", field))
    with pytest.raises(PlatformUnreachable):
        wired.find_user(ACCESS, ox_id=3)


def test_fields_of_another_namespace_are_not_ours(wire, wired):
    foreign = '<x:maxQuota xmlns:x="urn:x">9</x:maxQuota><d:unheard>1</d:unheard><!-- note --><d:id>3</d:id>'
    wire.answer = lambda request: Answer(answered("getData", foreign))
    assert wired.find_user(ACCESS, ox_id=3).drive_quota_mb is None


def test_an_access_combination_may_have_no_name(wire, wired):
    wire.answer = lambda request: Answer(
        answered("getAccessCombinationName", "drive").replace(
            b"<s:return>drive</s:return>", b'<s:return xsi:nil="true"/>'
        )
    )
    assert wired.access_combination(ACCESS, 3) is None
    wire.answer = lambda request: Answer(answered("getAccessCombinationName", "drive"))
    assert wired.access_combination(ACCESS, 3) == "drive"


def users_of(ids, gone=frozenset()):
    def answer(request):
        if b"listAll" in request.body:
            return Answer(answered("listAll", *[f"<d:id>{number}</d:id>" for number in ids]))
        asked = [int(text) for text in request.operation.xpath("*[local-name()='users']/*/text()")]
        if gone.intersection(asked):
            return fault("NoSuchUserException", "No such user")
        return Answer(answered("getMultipleData", *[f"<d:id>{number}</d:id>" for number in asked]))

    return answer


def test_users_come_in_batches_as_they_are_needed(wire, wired):
    wire.answer = users_of(range(2, 1002))
    users = wired.list_users(ACCESS)
    assert wire.posts == []
    assert [user.ox_id for user in islice(users, 201)] == list(range(2, 203))
    assert len(wire.posts) == 3
    assert [user.ox_id for user in users] == list(range(203, 1002))
    assert len(wire.posts) == 6


def test_users_removed_while_they_are_listed_are_left_out(wire, wired):
    wire.answer = users_of(range(2, 302), gone=frozenset({2, 77, 301}))
    found = [user.ox_id for user in wired.list_users(ACCESS)]
    assert found == [number for number in range(3, 301) if number != 77]


def test_an_empty_list_is_empty(wire, wired):
    wire.answer = lambda request: Answer(answered("list"))
    assert list(wired.list_contexts("nobody*")) == []
    assert wire.posts[0].operation.findtext("{*}search_pattern") == "nobody*"


def test_a_list_is_forgotten_while_it_is_read():
    service = read_service("http://x", "OXContextService", lambda url: wsdl("OXContextService", "http://x"))
    content = answered("list", *[f"<d:id>{number}</d:id>" for number in range(5000)])
    chunks = (content[start : start + 1000] for start in range(0, len(content), 1000))
    siblings = [len(element.getparent()) for element in returned_in_pieces(service.operation("list"), chunks)]
    assert len(siblings) == 5000
    assert max(siblings) < 40
