"""The form of a group, for adding and for changing one. Who comes and who goes stands in the draft."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms

from oxherd.domains.anywhere import typed as typed_addresses
from oxherd.domains.models import Domain, readable
from oxherd.domains.queries import split
from oxherd.groups import outside, rules
from oxherd.groups.drafts import GroupWish
from oxherd.groups.models import Group
from oxherd.groups.queries import address_of
from oxherd.groups.states import Senders
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people.object_names import object_name_from
from oxherd.tenants.models import Tenant

OUTSIDE = "outside_addresses"  # in the page, where `outside` are the ticked rows of the picker's left side
TEXTS = ("display_name", "name", "address", "domain", OUTSIDE, "senders")
OF_MAIL = ("outside", "senders")  # where we carry the brand's mail
LONGEST_TEXT = 100_000
ROWS = (3, 14)


def typed(post: Mapping[str, str]) -> dict[str, str]:
    """What a draft keeps of a posted form."""
    return {name: post.get(name, "").replace("\x00", "") for name in (*TEXTS, "seen")}


class GroupForm(forms.Form):
    display_name = forms.CharField(required=False, label="Group name")
    name = forms.CharField(required=False, label="Name in OX")
    address = forms.CharField(required=False, label="Mail address")
    domain = forms.ChoiceField(required=False, label="Domain of the mail address", error_messages=NOT_OFFERED)
    outside = forms.CharField(required=False, label="Outside addresses", max_length=LONGEST_TEXT)
    senders = forms.ChoiceField(
        required=False,
        label="Who may write to it",
        choices=Senders.choices,
        error_messages={"invalid_choice": "Choose one of the two."},
    )
    members = forms.CharField(required=False, label="Members")  # the picker's; here for the errors

    def __init__(
        self,
        tenant: Tenant,
        domains: Sequence[Domain],
        fields: Mapping[str, str],
        *,
        group: Group | None = None,
        complete: bool = False,
    ) -> None:
        """fields: of the draft, empty where nothing was typed yet. complete: ask all rules."""
        carries = tenant.brand.carries_mail
        self.stored = _stored(group, domains) | (_stored_mail(group) if carries else {})
        self.seen = fields.get("seen") or fingerprint(_texts(self.stored))
        super().__init__({**self.stored, **{key: value for key, value in fields.items() if key in TEXTS}})
        self.tenant, self.domains, self.group, self.complete = tenant, domains, group, complete
        if group is None:
            self.fields["display_name"].widget.attrs["autofocus"] = True
        if carries:
            lines = str(self.data.get(OUTSIDE, "")).count("\n") + 2
            wanted = {"rows": min(max(lines, ROWS[0]), ROWS[1]), "spellcheck": "false", "autocapitalize": "none"}
            self.fields["outside"].widget = forms.Textarea(attrs=wanted)
        else:
            for name_of_field in OF_MAIL:
                del self.fields[name_of_field]
        drop_down = self.fields["domain"]
        if isinstance(drop_down, forms.ChoiceField):
            drop_down.choices = domain_choices(domains)

    def add_prefix(self, field_name: str) -> str:
        """The name of a field in the page."""
        return OUTSIDE if field_name == "outside" else super().add_prefix(field_name)

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once; whether the address is free, the command says."""
        cleaned = super().clean() or {}
        if not self.complete:
            return cleaned
        display_name = ask(self, rules.display_name, cleaned.get("display_name", ""))
        name = ask(self, rules.name, self._name(display_name or "")) if display_name or cleaned.get("name") else None
        if name:
            but_for = self.group.pk if self.group else 0
            ask(self, rules.name_is_free, self.tenant, name, but_for=but_for, display_name=display_name or "")
        if cleaned.get("address", "").strip() and not self.has_error("domain"):
            ask(self, split, self.tenant, self._address(), "address")
        if self.carries:
            self._check_outside()
        if self.group and not self.errors and not self.is_untouched and self._is_stale():
            self.add_error(None, self._what_others_did())
            self.seen = fingerprint(_texts(self.stored))
        return cleaned

    @property
    def is_untouched(self) -> bool:
        """Whether the texts are as the page first showed them: then they are not written, whatever they are by now."""
        return self.group is not None and fingerprint(_texts(self.data)) == self.seen

    @property
    def unsaved(self) -> list[str]:
        """The labels of the fields that hold something else than what is stored, of a group that is there."""
        if self.group is None:
            return []
        names = ("display_name", "name", "address", "outside", "senders")
        pairs = zip(names, _texts(self.data), _texts(self.stored), strict=True)
        return [str(self.fields[name].label) for name, now, was in pairs if name in self.fields and now != was]

    def wish(self) -> GroupWish:
        """The valid form as the command takes it."""
        if self.is_untouched:
            return GroupWish()
        wish = GroupWish(self.cleaned_data["display_name"], self._name(), self._address())
        if not self.carries:
            return wish
        # Nobody can write to a group without an address: its choice stays as it is, for when it has one again.
        senders = self.cleaned_data["senders"] or None
        return replace(wish, outside=tuple(self._outside()), senders=senders if wish.address else None)

    @property
    def carries(self) -> bool:
        return "outside" in self.fields

    def _outside(self) -> list[str]:
        return typed_addresses(self.cleaned_data.get("outside", ""))

    def _check_outside(self) -> None:
        """Each that is not to be had is told at once; whether mail would go round in a circle, the command says."""
        addresses = self._outside()
        stored, problems = outside.meant(self.tenant, addresses)
        for sentence in outside.told(problems):
            self.add_error("outside", sentence)
        if not problems:
            ask(self, rules.not_too_many_outside, len(stored))
        if addresses and not self._address():
            self.add_error("address", "Give the group a mail address: without one, outside addresses get nothing.")

    def _name(self, display_name: str = "") -> str:
        typed_in: str = self.cleaned_data.get("name", "").strip()
        return typed_in or object_name_from(display_name)

    def _address(self) -> str:
        local = self.cleaned_data.get("address", "").strip()
        return f"{local}@{self.cleaned_data.get('domain', '')}" if local else ""

    def _is_stale(self) -> bool:
        return is_stale(self.seen, _texts(self.stored))

    def _what_others_did(self) -> str:
        *texts, outside_addresses, senders = _texts(self.stored)
        senders = str(dict(Senders.choices).get(senders, "")) if self.stored.get("address") else ""
        stored = ", ".join(value for value in (*texts, outside_addresses, senders) if value)
        return f"This group was changed meanwhile. Stored now: {stored}. Save again to replace it by what stands here."


def _texts(values: Mapping[str, Any]) -> list[str]:
    """To compare by; the domain alone, without an address, says nothing."""
    address = f"{values['address']}@{values['domain']}" if values.get("address") else ""
    outside_addresses = " ".join(str(values.get(OUTSIDE, "")).split())
    texts = (values.get("display_name", ""), values.get("name", ""), address, outside_addresses)
    return [*map(str, texts), str(values.get("senders", ""))]


def _stored_mail(group: Group | None) -> dict[str, str]:
    if group is None:
        return {OUTSIDE: "", "senders": Senders.ANYONE.value}
    return {OUTSIDE: "\n".join(map(readable, outside.outside_of(group))), "senders": group.senders}


def _stored(group: Group | None, domains: Sequence[Domain]) -> dict[str, str]:
    local, _, domain = address_of(group).rpartition("@") if group else ("", "", "")
    return {
        "display_name": group.display_name if group else "",
        "name": group.name if group else "",
        "address": local,
        "domain": domain or (domains[0].name if domains else ""),
    }
