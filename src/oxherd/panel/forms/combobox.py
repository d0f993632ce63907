"""A choice out of many, which is found by typing: <c-combobox :field="form.manager" />."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from oxherd.accounts.actor import Actor
from oxherd.panel.actor import PanelRequest
from oxherd.panel.options import NOBODY, SOURCES, Option, offered
from oxherd.tenants.models import Tenant

FIND = "find"  # the value of `do` of the Search button, which stands there only without script


@dataclass(frozen=True, slots=True)
class Box:
    """What <c-combobox> shows. fixed, found: to choose from without script. is_free: any text may be chosen."""

    url: str
    chosen: Option | None
    none: str
    fixed: list[Option]
    text: str = ""
    found: list[Option] = field(default_factory=list)
    more: bool = False
    is_free: bool = False


class Combobox(forms.CharField):
    """Cleans to the chosen object, to None where nothing is chosen, or to `NOBODY`.

    source: a name in `options.SOURCES`. none: how "nothing" is offered, such as "No manager"; empty: it is not.
    nobody: the same for a choice of nobody that has to be made, where nothing chosen is something else.
    gone: the sentence for a value that is not to be had (any more). The form calls `look` before anything else.
    """

    def __init__(
        self,
        source: str,
        *,
        none: str = "",
        nobody: str = "",
        gone: str = "Choose one from the list.",
        **kwargs: Any,
    ) -> None:
        super().__init__(required=False, **kwargs)
        self.source, self.none, self.nobody, self.gone = SOURCES[source], none, nobody, gone
        self.path = source

    def look(
        self, actor: Actor, tenant: Tenant, data: Mapping[str, Any] | None = None, but: Iterable[str] = ()
    ) -> None:
        """actor, tenant: who looks where. data: what was posted. but: values that are not offered."""
        self.actor, self.tenant, self.data, self.but = actor, tenant, data or {}, tuple(but)

    def clean(self, value: Any) -> Any:
        value = str(value or "").strip()
        if not value:
            return None
        if self.nobody and value == NOBODY:
            return NOBODY
        one = None if value in self.but else self.source.one(self.actor, self.tenant, value)
        if one is None:
            raise forms.ValidationError(self.gone)
        return one

    def box(self, name: str, value: Any) -> Box:
        """name: as the form has it. value: the object's value, as it was posted or as it is stored."""
        words = (("none", self.none), ("nobody", self.nobody), ("but", ",".join(self.but)))
        query = {key: text for key, text in words if text}
        url = reverse("options", args=[self.tenant.pk, self.path]) + (f"?{urlencode(query)}" if query else "")
        fixed = [Option(value, label) for value, label in (("", self.none), (NOBODY, self.nobody)) if label]
        chosen = self._option(str(value)) if value else None
        text = str(self.data.get(f"{name}_text", "")).replace("\x00", "").strip()
        if not text:
            return Box(url, chosen, self.none, fixed)
        found, more = offered(self.source, self.actor, self.tenant, text, self.but)
        return Box(url, chosen, self.none, fixed, text, [each for each in found if each != chosen], more)

    def _option(self, value: str) -> Option | None:
        if self.nobody and value == NOBODY:
            return Option(NOBODY, self.nobody)
        one = self.source.one(self.actor, self.tenant, value)
        return self.source.option(one) if one is not None else None


def is_search(post: Mapping[str, str]) -> bool:
    """Whether somebody without script looks for an option: then the form is shown again, with what was found.

    So it is by the Search button, and by Enter in its field, which presses the form's first button.
    """
    typed = (name.removesuffix("_text") for name in post if name.endswith("_text"))
    return post.get("do") == FIND or any(post[f"{name}_text"] != post.get(f"{name}_sought", "") for name in typed)


def as_sent(request: PanelRequest) -> tuple[QueryDict | None, dict[str, Any]]:
    """What a form with comboboxes takes as `data`, and as `initial` where somebody only looks for an option."""
    if request.method != "POST":
        return None, {}
    return (None, request.POST.dict()) if is_search(request.POST) else (request.POST, {})
