import pytest
from tests.sandbox.soap import ACME, ADMIN, attributes, context_admin, refusal

INVALID, STORAGE, EXISTS, NO_CONTEXT = (
    f"{name}Exception" for name in ("InvalidData", "Storage", "ContextExists", "NoSuchContext")
)
NEW = {"id": 11, "maxQuota": 100}
REFUSED = {
    "id taken": ({"id": 10}, {}, (EXISTS, "Context 10 already exists!")),
    "name taken": ({"name": "ACME"}, {}, (EXISTS, "Context ACME already exists!")),
    "id 0": ({"id": 0}, {}, (INVALID, "The context identifier 0 is not allowed!")),
    "no id": ({"id": None}, {}, (INVALID, "Mandatory fields in context not set: [id]")),
    "no quota": ({"maxQuota": None}, {}, (INVALID, "Mandatory fields in context not set: [maxQuota]")),
    "admin without surname": (
        {},
        {"sur_name": None},
        (INVALID, "Mandatory fields in admin user not set: [sur_name]"),
    ),
    "admin with another email1": (
        {},
        {"email1": "x@y.test"},
        (INVALID, "primarymail must have the same value as email1"),
    ),
    "mapping taken": (
        {"loginMappings": ["ACME.test"]},
        {},
        (STORAGE, "Cannot map 'ACME.test' to the newly created context. This mapping is already in use."),
    ),
    "mapping characters": ({"loginMappings": ["a@b ü"]}, {}, (INVALID, 'Illegal chars: "@ ü" in login mapping')),
}


def create(caller, context, admin=None, operation="create", **more):
    sent = {key: value for key, value in {**NEW, **context}.items() if value is not None}
    return caller.master(operation, ctx=sent, admin_user=context_admin(**(admin or {})), **more)


def ids(contexts):
    return [context.id for context in contexts]


@pytest.mark.parametrize(("context", "admin", "fault"), REFUSED.values(), ids=REFUSED)
def test_a_rule_that_is_broken_is_told_with_its_text(acme, context, admin, fault):
    assert refusal(lambda: create(acme, context, admin)) == fault
    assert ids(acme.master("listAll")) == [10]


def test_a_new_context_has_its_id_as_name_and_both_as_mappings(caller):
    made = create(caller, {"loginMappings": ["beta.test"]})
    assert (made.name, made.loginMappings, made.enabled) == ("11", ["11", "beta.test"], True)


def test_the_admin_is_user_2_with_the_flags_of_the_default_combination(caller):
    create(caller, {})
    assert caller.master("getAdminId", ctx={"id": 11}) == 2
    assert caller.master("getAccessCombinationName", ctx={"id": 11}) == "webmail_plus"
    assert caller.users.getContextAdmin(ctx={"id": 11}, auth=ADMIN).default_group.id == 1


def test_a_context_can_be_made_with_flags(caller):
    create(caller, {}, operation="createModuleAccess", access={"tasks": False})
    flags = caller.master("getModuleAccess", ctx={"id": 11})
    assert (flags.tasks, flags.webmail, flags.deniedPortal) == (False, True, False)


def test_a_context_is_found_by_name_without_case(acme):
    assert acme.master("getData", ctx={"name": "Acme"}).id == 10


@pytest.mark.parametrize(
    ("context", "fault"),
    [
        ({"id": 99}, (NO_CONTEXT, "Context 99 does not exist")),
        (
            {"name": "beta"},
            (
                NO_CONTEXT,
                "com.openexchange.admin.rmi.exceptions.NoSuchObjectException: No such context beta",
            ),
        ),
        ({"maxQuota": 1}, (INVALID, "One contextobject has no contextid or contextname")),
    ],
)
def test_no_such_context(acme, context, fault):
    assert refusal(lambda: acme.master("getData", ctx=context)) == fault
    assert refusal(lambda: acme.master("delete", ctx=context)) == fault


@pytest.mark.parametrize(
    ("context", "there"), [({"id": 10}, True), ({"id": 9}, False), ({"name": "ACME"}, True), ({"name": "x"}, False)]
)
def test_existence(acme, context, there):
    assert acme.master("exists", ctx=context) is there


def test_fields_sent_change_and_others_stay(acme):
    acme.master("change", ctx={**ACME, "userAttributes": attributes(config__a="1"), "gabMode": "global"})
    acme.master("change", ctx={**ACME, "maxQuota": 5})
    changed = acme.master("getData", ctx=ACME)
    assert (changed.maxQuota, changed.gabMode, changed.name) == (5, "global", "acme")
    assert changed.userAttributes.entries[0].value.entries[0].value == "1"


def test_mappings_are_replaced_but_id_and_name_stay(acme):
    acme.master("change", ctx={**ACME, "loginMappings": ["new.test"]})
    assert acme.master("getData", ctx=ACME).loginMappings == ["10", "acme", "new.test"]


def test_a_new_name_takes_the_place_of_the_old_one(acme):
    acme.master("change", ctx={**ACME, "name": "zeta"})
    assert acme.master("getData", ctx=ACME).loginMappings == ["10", "acme.test", "zeta"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "Beta"}, (INVALID, "Context Beta already exists!")),
        (
            {"loginMappings": ["beta"]},
            (STORAGE, 'A mapping with login info "beta" already exists in the system!'),
        ),
        ({"loginMappings": ["a/b"]}, (INVALID, 'Illegal chars: "/" in login mapping')),
    ],
)
def test_a_change_keeps_names_and_mappings_apart(acme, changes, fault):
    create(acme, {"name": "beta"})
    assert refusal(lambda: acme.master("change", ctx={**ACME, **changes})) == fault


def test_deleting_takes_everything_and_frees_the_names(acme):
    acme.add("anna")
    acme.master("delete", ctx={"name": "acme"})
    create(acme, {"id": 10, "name": "acme", "loginMappings": ["acme.test"]})
    assert [each.id for each in acme.admin("listAll")] == [2]


def test_a_disabled_context_lets_nobody_in(acme):
    acme.master("disable", ctx=ACME)
    assert acme.master("getData", ctx=ACME).enabled is False
    fault = ("InvalidCredentialsException", "Authentication failed")
    assert refusal(lambda: acme.admin("listAll")) == fault
    acme.master("enable", ctx=ACME)
    assert [each.id for each in acme.admin("listAll")] == [2]


def test_all_contexts_are_disabled_and_enabled(acme):
    create(acme, {})
    acme.master("disableAll")
    assert [context.enabled for context in acme.master("listAll")] == [False, False]
    acme.master("enableAll")
    assert [context.enabled for context in acme.master("listAll")] == [True, True]


def test_flags_change_for_every_user(acme):
    acme.add("anna")
    acme.master("changeModuleAccessByName", ctx=ACME, access_combination_name="pim")
    assert acme.admin("getAccessCombinationName", user={"id": 3}) == "pim"
    acme.master("changeModuleAccess", ctx=ACME, access={})
    assert acme.admin("getModuleAccess", user={"id": 3}).syncml is True


def test_limits_of_modules_are_set_and_deleted(acme):
    acme.master("changeQuota", ctx=ACME, module="task", quotaValue="4294967295")
    acme.master("changeQuota", ctx=ACME, module="contact", quotaValue="7")
    acme.master("changeQuota", ctx=ACME, module="contact", quotaValue="-1")
    assert [(each.module, each.limit) for each in acme.master("listQuota", ctx=ACME)] == [("task", 4294967295)]


@pytest.mark.parametrize(("module", "value"), [("mail", "1"), ("task", "many"), ("task", "4294967296"), ("task", None)])
def test_a_limit_must_be_one(acme, module, value):
    sent = {"module": module} if value is None else {"module": module, "quotaValue": value}
    assert refusal(lambda: acme.master("changeQuota", ctx=ACME, **sent))[0] == INVALID


@pytest.mark.parametrize(
    ("pattern", "found"), [("*", [10, 11, 12]), ("BET*", [11]), ("11", [11]), ("acme.t*", [10]), ("1_", [10, 11, 12])]
)
def test_a_pattern_matches_name_mapping_or_number(acme, pattern, found):
    create(acme, {"name": "beta"})
    create(acme, {"id": 12, "name": "gamma"})
    assert ids(acme.master("list", search_pattern=pattern)) == found


def test_a_pattern_must_be_there(acme):
    assert refusal(lambda: acme.master("list")) == (INVALID, "Search pattern is null")


def test_pages_are_counted_in_texts(acme):
    create(acme, {})
    create(acme, {"id": 12})
    assert ids(acme.master("listPageAll", offset="1", length="1")) == [11]
    assert ids(acme.master("listPage", search_pattern="*", offset="2")) == [12]
    assert refusal(lambda: acme.master("listPageAll", offset="x"))[0] == INVALID


def test_a_context_moves_to_another_file_store_and_database(acme):
    jobs = [
        acme.master("moveContextFilestore", ctx=ACME, dst_filestore_id={"id": 2}),
        acme.master("moveContextDatabase", ctx=ACME, dst_database_id={"id": 2}),
    ]
    moved = acme.master("getData", ctx=ACME)
    assert (jobs, moved.filestoreId, moved.readDatabase.id) == ([1, 2], 2, 2)
    assert ids(acme.master("listByFilestore", fs={"id": 2})) == [10]
    assert ids(acme.master("listByDatabase", db={"id": 1})) == []


@pytest.mark.parametrize(
    ("operation", "place", "fault"),
    [
        ("listByDatabase", {"db": {"id": 9}}, ("NoSuchDatabaseException", "No such database 9")),
        ("listByFilestore", {"fs": {"id": 9}}, ("NoSuchFilestoreException", "No such filestore 9")),
    ],
)
def test_no_such_place(acme, operation, place, fault):
    assert refusal(lambda: acme.master(operation, **place)) == fault


def test_capabilities_of_a_context(acme):
    acme.master("changeCapabilities", ctx=ACME, capsToAdd="guard, drive")
    assert acme.master("getContextCapabilities", ctx=ACME) == "drive,guard"
    fault = (INVALID, "No capabilities specified.")
    assert refusal(lambda: acme.master("changeCapabilities", ctx=ACME)) == fault
