"""The query language, read raw and tried on resources."""

import pytest

from oxherd.controller import rql
from oxherd.controller.refusals import Refusal

ANNA = {
    "aps": {"id": "1", "type": "http://x.example/user/1.0", "status": "aps:ready"},
    "login": "anna@acme.test",
    "age": 40,
}
BERT = {"aps": {"id": "2", "type": "http://x.example/user/1.0", "status": "aps:ready"}, "login": "bert", "on": True}


def found(query):
    calls = rql.parse(query)
    return [one["aps"]["id"] for one in (ANNA, BERT) if all(rql.holds(each, one, str.__eq__) for each in calls)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", "12"),
        ("implementing(http://x.example/user/1.0)", "12"),
        ("implementing(http://x.example/user/1.0),like(login,*acme*),sort(+login),limit(0,25)", "1"),
        ("login=eq=bert", "2"),
        ("login=bert", "2"),
        ("eq(login,anna%40acme.test)", "1"),
        ("ne(login,bert)&aps.status=eq=aps:ready", "1"),
        ("age=gt=39", "1"),
        ("ge(age,40),le(age,40.5)", "1"),
        ("lt(age,40)", ""),
        ("in(login,(bert,carl))", "2"),
        ("out(login,(bert,carl))", "1"),
        ("or(login=eq=bert,age=eq=40)", "12"),
        ("login=eq=bert|age=eq=40", "12"),
        ("(login=eq=carl|login=eq=bert)&on=eq=true()", "2"),
        ("not(login=eq=bert)", "1"),
        ("eq(on,null())", "1"),
        ("and(like(login,be?t),not(eq(on,false())))", "2"),
    ],
)
def test_a_query_finds(query, ids):
    assert "".join(found(query)) == ids


def tried(query):
    rql.window(rql.parse(query))
    found(query)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("eq(login", "The query breaks off after “eq(login”: , is missing."),
        ("eq(a,b)c", "The query breaks off after “eq(a,b)”: , is missing."),
        ("near(a,b)", "There is no near() with 2 arguments in a query."),
        ("eq(a)", "There is no eq() with 1 arguments in a query."),
        ("limit(a)", "limit takes where to begin, and how many: limit(0,25)."),
        ("(" * 100, "The query is nested too deeply."),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(query, sentence):
    with pytest.raises(Refusal) as refusal:
        tried(query)
    assert (refusal.value.status, refusal.value.sentence) == (400, sentence)


def test_the_first_of_limit_is_where_to_begin():
    assert rql.window(rql.parse("limit(10)")) == rql.Window((), 10, 1000, ())
    assert rql.window(rql.parse("sort(+a,-b),select(users,name)")) == rql.Window(
        ("+a", "-b"), 0, 1000, ("users", "name")
    )


def test_what_has_no_value_comes_first():
    assert [one["aps"]["id"] for one in rql.in_order([ANNA, BERT], ("age",))] == ["2", "1"]
    assert [one["aps"]["id"] for one in rql.in_order([ANNA, BERT], ("-login",))] == ["2", "1"]
