"""Operations of types: verb, path, parameters, answer."""

import re
from collections.abc import Mapping
from typing import Any

from oxherd.aps.checks.known import ancestors
from oxherd.aps.checks.place import Place
from oxherd.aps.checks.properties import check_access, type_problem

VERBS = ("GET", "POST", "PUT", "DELETE")
KINDS = ("path", "query", "body")
PATH = re.compile(r"/([A-Za-z0-9_.~-]+|\{[A-Za-z_][A-Za-z0-9_]*\})(/([A-Za-z0-9_.~-]+|\{[A-Za-z_][A-Za-z0-9_]*\}))*/?")
ATTRIBUTES = {"verb", "path", "static", "parameters", "response", "errorResponse", "access", "title", "description"}


def check_operation(at: Place, name: str, one: Mapping[str, Any]) -> None:
    """One operation by itself."""
    if one.get("verb") not in VERBS:
        at.error(f"The operation {name} has the verb {one.get('verb')}. Use one of {', '.join(VERBS)}.")
    place = str(one.get("path", ""))
    if not PATH.fullmatch(place):
        at.error(f"The operation {name} has the path {place or '(none)'}. Begin it with / and end it plainly.")
    for unknown in sorted(one.keys() - ATTRIBUTES):
        at.error(f"The operation {name} has {unknown}, which operations do not know. Take it out.")
    if any(name in at.known[each].relations for each in ancestors(at.own.id, at.known)):
        at.advice(f"The operation {name} has the name of a relation. Rename one of them.")
    _check_parameters(at, name, one)
    if "response" in one:
        _check_answer(at, name, one["response"])
    check_access(at, f"the operation {name}", one.get("access"))


def _check_parameters(at: Place, name: str, one: Mapping[str, Any]) -> None:
    given = one.get("parameters", {})
    if not isinstance(given, dict):
        at.error(f"The parameters of {name} are no object with names as keys. Make them one.")
        return
    kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for parameter, each in given.items():
        kind = each.get("kind") if isinstance(each, dict) else None
        if kind not in KINDS:
            at.error(f"The parameter {parameter} of {name} has no kind. Use one of {', '.join(KINDS)}.")
            continue
        kinds[kind].append(parameter)
        problem = None if each.get("type") == "self" else type_problem(each.get("type"), at)
        if problem:
            at.error(f"The parameter {parameter} of {name} {problem}. Correct its type.")
    if len(kinds["body"]) > 1:
        at.error(f"{name} has {len(kinds['body'])} bodies. A request has one; join them in one parameter.")
    if kinds["body"] and one.get("verb") == "GET":
        at.error(f"{name} is a GET with a body. Use POST or PUT, or a parameter of the query.")
    wanted = set(re.findall(r"\{([^}]*)\}", str(one.get("path", ""))))
    for parameter in sorted(wanted - set(kinds["path"])):
        at.error(f"The path of {name} holds {{{parameter}}}, which is no parameter. Declare it, of kind path.")
    for parameter in sorted(set(kinds["path"]) - wanted):
        at.error(f"The parameter {parameter} of {name} is not in its path. Put {{{parameter}}} there.")


def _check_answer(at: Place, name: str, answer: Any) -> None:
    type_ = answer.get("type") if isinstance(answer, dict) else None
    problem = None if type_ == "self" else type_problem(type_, at)
    if problem:
        at.error(f"The response of {name} {problem}. Correct its type.")
