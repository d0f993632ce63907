"""The services for resellers where they differ from the plain ones: who may call, and how they answer."""

import pytest
from tests.sandbox.soap import ADMIN, MASTER, NORTH, NORTH_ACME, SOUTH, person, refusal, room

KIND = "InvalidCredentialsException"
FAILED = (KIND, "Authentication failed")
ANNA = {"login": "anna", "password": "anna-secret"}


def test_a_brand_does_the_users_of_its_contexts(north):
    anna = north.add_to_brand("anna")
    assert (anna, north.in_brand("getData", user={"name": "anna"}).primaryEmail) == (3, "anna@acme.test")
    assert north.in_brand("getAccessCombinationName", user={"id": 3}) == "cloud_pim"
    assert [user.id for user in north.in_brand("listAll")] == [2, 3]


@pytest.mark.parametrize(
    ("auth", "fault"),
    [
        (SOUTH, FAILED),
        ({**NORTH, "password": "x"}, (KIND, "authentication failed")),
        (MASTER, FAILED),
        (ANNA, (KIND, "Permission denied")),
    ],
    ids=["another brand", "wrong password", "master without override", "ordinary user"],
)
def test_who_may_not_list_users(north, auth, fault):
    north.add_to_brand("anna")
    assert refusal(lambda: north.brand_users.listAll(ctx=NORTH_ACME, auth=auth)) == fault


@pytest.mark.parametrize("ctx", [{"id": 99}, {"id": 10}])
def test_a_context_that_is_not_there_or_not_the_brands_is_no_different(north, acme, ctx):
    assert refusal(lambda: north.brand_users.listAll(ctx=ctx, auth=NORTH)) == FAILED


def test_a_context_goes_by_its_id(north):
    fault = (KIND, "Client sent invalid context data object")
    assert refusal(lambda: north.brand_users.listAll(ctx={"name": "north_acme"}, auth=NORTH)) == fault


@pytest.mark.parametrize("service", ["users", "brand_users"])
def test_the_context_admin_may_use_either_service(north, service):
    assert getattr(north, service).create(ctx=NORTH_ACME, usrdata=person("anna"), auth=ADMIN).id == 3


def test_an_ordinary_user_reads_its_own_record(north):
    north.add_to_brand("anna")
    assert north.brand_users.getData(ctx=NORTH_ACME, user={"id": 3}, auth=ANNA).name == "anna"


def test_the_plain_services_do_not_know_brands(north):
    assert refusal(lambda: north.users.listAll(ctx=NORTH_ACME, auth=NORTH)) == FAILED


def test_a_brand_does_what_it_wants_in_a_context_that_is_disabled(north):
    north.brand_contexts.disable(ctx=NORTH_ACME, auth=NORTH)
    assert north.add_to_brand("anna") == 3
    assert refusal(lambda: north.brand_users.listAll(ctx=NORTH_ACME, auth=ADMIN)) == FAILED


def test_the_answer_to_get_data_may_be_sent_as_the_context(north):
    """As OX Cloud's own scripts do: whatever a ResellerContext carries."""
    context = north.brand_contexts.getData(ctx={"name": "north_acme"}, auth=NORTH)
    assert [user.id for user in north.brand_users.listAll(ctx=context, auth=NORTH)] == [2]


def test_a_user_without_limit_is_made_with_one_and_changed(north):
    made = north.in_brand("create", usrdata=person("anna", maxQuota=1))
    made.maxQuota = -1
    north.in_brand("change", usrdata=made)
    assert north.in_brand("getData", user={"id": 3}).maxQuota == -1


def test_a_job_number_is_answered_bare(north):
    north.add_to_brand("anna")
    job = north.in_brand("moveFromContextToUserFilestore", user={"id": 3}, dst_filestore_id={"id": 2}, max_quota=10)
    assert job == 1
    store = {"id": 99}
    fault = ("StorageException", "No such filestore 99")
    assert refusal(lambda: north.in_brand("moveUserFilestore", user={"id": 3}, dst_filestore_id=store)) == fault


def test_a_brand_does_groups_and_resources(north):
    north.add_to_brand("anna")
    team = north.brand_groups.create(
        ctx=NORTH_ACME, grp={"name": "team", "displayname": "Team", "members": [3]}, auth=NORTH
    )
    blue = north.brand_resources.create(ctx=NORTH_ACME, res=room("blue"), auth=NORTH)
    assert (team.id, blue.id) == (4, 5)
    assert [group.name for group in north.brand_groups.listAll(ctx=NORTH_ACME, auth=NORTH)] == ["users", "team"]
    assert [user.id for user in north.brand_groups.getMembers(ctx=NORTH_ACME, grp={"id": 4}, auth=NORTH)] == [3]
    assert north.brand_resources.getData(ctx=NORTH_ACME, res={"id": 5}, auth=NORTH).email == "blue@acme.test"
    assert refusal(lambda: north.brand_groups.listAll(ctx=NORTH_ACME, auth=SOUTH)) == FAILED
    assert refusal(lambda: north.brand_resources.listAll(ctx=NORTH_ACME, auth=SOUTH)) == FAILED


def test_the_quota_of_a_context_comes_in_an_array(north):
    north.master("changeQuota", ctx=NORTH_ACME, module="task", quotaValue="250")
    quotas = north.brand_contexts.listQuota(ctx=NORTH_ACME, auth=NORTH)
    assert [(quota.module, quota.limit) for quota in quotas] == [("task", 250)]
