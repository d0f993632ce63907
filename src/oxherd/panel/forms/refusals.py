"""From what a room refuses to an error at the form's field."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django import forms

from oxherd.errors import Refused

P = ParamSpec("P")
T = TypeVar("T")


def show(form: forms.Form, refused: Refused) -> None:
    """Put a refusal where it can be mended: at its field, or above the form where the form has no such field."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)


def ask(form: forms.Form, rule: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """What the rule answers, or None and an error at its field: so that one pass shows all that is to be mended."""
    try:
        return rule(*args, **kwargs)
    except Refused as refused:
        show(form, refused)
        return None
