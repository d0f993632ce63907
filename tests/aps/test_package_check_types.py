"""`oxherd aps check` tells each mistake of a type by one sentence."""

import pytest
from tests.aps.packages import errors, schema, with_file

CORE = "http://aps-standard.org/types/core"
OURS = "http://oxherd.example/aps"
UNITS = "unit, kb, mb, gb, mb-h, unit-h, mhz, mhzh, Kbit/sec"


def operation(**parts):
    made = {"verb": "POST", "path": "/act", **parts}
    return lambda one: one.setdefault("operations", {}).update(act=made)


def having(name, **parts):
    return lambda one: one["properties"].update({name: parts})


def parameter(kind, type_="string"):
    return {"kind": kind, "type": type_}


TYPES = [
    (
        lambda one: one.update(implements=[f"{CORE}/user/service/1.0", "http://a.example/b/1.0"]),
        ("It implements http://a.example/b/1.0, which is not in this package, nor a type of the standard. Correct it."),
    ),
    (
        lambda one: one.update(implements=[f"{CORE}/suspendable/1.0"]),
        (f"It does not implement {CORE}/resource/1.0, so nothing can be made of it. Add that to implements."),
    ),
    (
        lambda one: one.update(access={"everybody": True}),
        ("The access of the type names everybody, which is no role. Use owner, referrer, admin, public, global."),
    ),
    (having("two-words", type="string"), "“two-words” is no name. Use letters, digits and _, and no digit first."),
    (having("nickname"), "The property nickname has no type. Correct its type."),
    (
        having("nickname", type="text"),
        ("The property nickname has the type text, which is no plain type and no structure here. Correct its type."),
    ),
    (
        having("SEATS", type=f"{CORE}/resource/1.0#Meter"),
        (
            f"The property SEATS has the type Meter of {CORE}/resource/1.0,"
            " which has no such structure. Correct its type."
        ),
    ),
    (
        having("SEATS", type=f"{CORE}/resource/1.0#Counter", title="Seats"),
        (f"The counter SEATS has no unit that is known. Use one of {UNITS}."),
    ),
    (
        having("SEATS", type=f"{CORE}/resource/1.0#Counter", unit="unit"),
        ("The counter SEATS has no title, so it cannot be sold. Give it one."),
    ),
    (having("names", type="array"), "The list names has no items. Say in items of what type they are."),
    (
        having("code", type="string", readonly=True, required=True),
        ("The property code is readonly, so nobody can give it. Drop required and final."),
    ),
    (
        having("code", type="string", pattern="[a-"),
        ("The pattern of the property code cannot be read (unterminated character set at position 0). Mend it."),
    ),
    (
        having("size", type="string", enum=["s", "m"], default="l"),
        ("The default of the property size is none of its values. Choose one of them."),
    ),
    (
        having("size", type="string", enum=["s", "m"], enumTitles=["Small"]),
        "The property size has other numbers of enumTitles and values. Name each value.",
    ),
    (
        having("size", type="string", enum=["s"], enumTitles=None),
        "The property size has other numbers of enumTitles and values. Name each value.",
    ),
    (having("groups", type="string"), "groups is a property and a relation. Rename one of them."),
    (
        lambda one: one["relations"]["groups"].update(type=f"{OURS}/club/1.0"),
        (f"The relation groups leads to {OURS}/club/1.0, which is not in this package, nor known. Correct the type."),
    ),
    (
        lambda one: one["relations"]["user"].pop("type"),
        (
            "The relation user has no type. Say which type is at its other"
            " end. What is inherited is lost where a relation is declared anew."
        ),
    ),
    (
        lambda one: one["relations"]["user"].update(assign={"access": {"owner": True, "referrer": True}}),
        ("assign of the relation user gives more than one role. Keep one."),
    ),
    (operation(verb="PATCH"), "The operation act has the verb PATCH. Use one of GET, POST, PUT, DELETE."),
    (operation(path="act"), "The operation act has the path act. Begin it with / and end it plainly."),
    (operation(path="/act/{year}"), "The path of act holds {year}, which is no parameter. Declare it, of kind path."),
    (
        operation(parameters={"year": parameter("path")}),
        ("The parameter year of act is not in its path. Put {year} there."),
    ),
    (
        operation(parameters={"one": parameter("body"), "two": parameter("body")}),
        ("act has 2 bodies. A request has one; join them in one parameter."),
    ),
    (
        operation(verb="GET", parameters={"one": parameter("body")}),
        ("act is a GET with a body. Use POST or PUT, or a parameter of the query."),
    ),
    (
        operation(parameters={"one": {"type": "string"}}),
        ("The parameter one of act has no kind. Use one of path, query, body."),
    ),
    (
        operation(parameters={"one": parameter("query", "date")}),
        ("The parameter one of act has the type date, which is no plain type and no structure here. Correct its type."),
    ),
    (
        operation(verb="PUT", path="/setPassword"),
        ("act and setPassword are the same call, PUT /setPassword. Change one path."),
    ),
    (
        operation(access={"owner": "yes"}),
        ("The access of the operation act says neither true nor false for owner. Write one of them."),
    ),
]


@pytest.mark.parametrize(("change", "sentence"), TYPES)
def test_each_mistake_of_a_type_is_told(tmp_path, change, sentence):
    assert errors(tmp_path, schema("user", change)) == [f"schemas/user.schema: {sentence}"]


@pytest.mark.parametrize(
    "id_", ["https://a.example/user/1.0", "http://a.example:80/user/1.0", "http://a.example/user/1.01", "user/1.0"]
)
def test_an_id_that_is_none_is_told(tmp_path, id_):
    assert errors(tmp_path, schema("brand", lambda one: one.update(id=id_)))[0] == (
        f"schemas/brand.schema: “{id_}” is no id of a type. Use http://name/major.minor, without a port."
    )


@pytest.mark.parametrize("broken", ["// made by hand\n{}", '{"a": 1, "a": 2}', '{"a": NaN}', "[]", '{"a": 1,}', ""])
def test_what_is_no_strict_json_is_told(tmp_path, broken):
    found = errors(tmp_path, with_file("schemas/more.schema", broken))
    assert found
    assert all(each.startswith("schemas/more.schema: ") for each in found)


def test_two_types_of_one_id_are_told(tmp_path):
    found = errors(tmp_path, schema("group", lambda one: one.update(id=f"{OURS}/domain/1.0")))
    told = f"The id {OURS}/domain/1.0 is that of schemas/domain.schema too. Give each type its own."
    assert f"schemas/group.schema: {told}" in found
