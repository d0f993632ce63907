"""What every template of the panel may say; loaded for all of them by the settings."""

import zlib
from datetime import datetime
from math import ceil
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, FileInput, Select
from django.template import RequestContext
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.administrators.models import ActingFor
from oxherd.brands.abilities import Ability, can, why_not
from oxherd.domains.models import readable
from oxherd.panel import banners, looks
from oxherd.panel.bulk import has_ox
from oxherd.panel.forms.choices import LANGUAGES
from oxherd.panel.forms.combobox import Box, Combobox
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.toasts import undo_url
from oxherd.people.models import ServiceUser
from oxherd.profiles.models import Profile
from oxherd.purchases import queries as purchases
from oxherd.tenants import rules
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import Mastered

MB_OF_A_GB = 1024
register = template.Library()
register.filter("readable", readable)
register.filter("look", looks.look)
register.filter("has_ox", has_ox)
register.filter("undo_url", undo_url)
TONES = 8


@register.simple_tag(takes_context=True)
def may(context: RequestContext, permission: str, place: Any = None) -> bool:
    """Whether who is signed in may do this there: {% may "manage_users" tenant as can_manage %}."""
    actor: Actor = context["request"].actor
    return actor.may(Permission(permission), place)


@register.simple_tag(takes_context=True)
def may_master(context: RequestContext, permission: str, tenant: Tenant) -> bool:
    """As `may`, but for what a controller does itself: {% may_master "manage_users" tenant as can_add %}."""
    return not tenant.managed_by and may(context, permission, tenant)


@register.simple_tag
def mastery(what: str, tenant: Tenant) -> str:
    """Where to change it instead; empty where it is changed here: {% mastery "users" tenant as elsewhere %}."""
    return rules.mastery(tenant, Mastered(what))


@register.simple_tag(takes_context=True)
def may_anywhere(context: RequestContext, permission: str) -> bool:
    """Whether who is signed in may do this at any place: {% may_anywhere "view_audit" as can_audit %}."""
    actor: Actor = context["request"].actor
    return any(Permission(permission) in grant.permissions for grant in actor.grants)


@register.simple_tag
def platform_can(ability: str, tenant: Tenant) -> bool:
    """Whether the platform of a tenant can do this: {% platform_can "forwarders" tenant as has_forwarders %}."""
    return can(tenant.brand, Ability(ability))


@register.simple_tag
def platform_why_not(ability: str, tenant: Tenant) -> str:
    """The sentence that says why the platform of a tenant cannot do this; empty where it can."""
    return why_not(tenant.brand, Ability(ability))


@register.simple_tag(takes_context=True)
def open_requests(context: RequestContext, tenant: Tenant) -> str:
    """How many purchase requests wait to be decided, such as "3"; empty for none: {% open_requests tenant as n %}."""
    return purchases.count_open(context["request"].actor, tenant)


@register.inclusion_tag("panel/shell/banners.html", takes_context=True)
def place_banners(context: RequestContext, tenant: Tenant) -> dict[str, Any]:
    """What everybody on a tenant's pages has to know: platform down, customer suspended, context in error."""
    request = context["request"]
    return {"tenant": tenant, "csrf_token": context.get("csrf_token"), **banners.about(request.actor, tenant)}


@register.simple_tag(takes_context=True, name="why_no_passkeys")
def no_passkeys(context: RequestContext) -> str:
    """Why browsers give no passkeys at this address; empty where they do: {% why_no_passkeys as no_passkeys %}."""
    return why_no_passkeys(context["request"])


@register.simple_tag
def control(field: BoundField, hint: str = "", attributes: Any = None) -> SafeString:
    """The form control with our classes, and tied to its hint and its errors."""
    given: dict[str, str | bool] = {key.replace("_", "-"): value for key, value in _plain(attributes).items()}
    marks = [f"{field.auto_id}_helptext"] if hint else []
    if field.errors:
        marks.append(f"{field.auto_id}_error")
    if marks:
        given["aria-describedby"] = " ".join(marks)
    given["class"] = f"{_class_of(field)} {given.get('class', '')}".strip()
    return field.as_widget(attrs=given)


@register.simple_tag
def combobox(field: BoundField) -> Box:
    """What <c-combobox> shows of a form's field that is a `Combobox`."""
    if not isinstance(field.field, Combobox):
        raise TypeError(field.name)
    return field.field.box(field.html_name, field.value())


@register.filter
def describedby(field: BoundField) -> str:
    """For a control written by hand: the ids of hint and errors."""
    return f"{field.auto_id}_helptext {field.auto_id}_error"


@register.filter
def initials(name: Any) -> str:
    """First letters of the first and the last word."""
    words = [word for word in str(name).split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def tone(name: Any) -> str:
    """A colour class that stays the same for the same person."""
    key = name.login if isinstance(name, ServiceUser) else str(name)
    return f"tone-{zlib.crc32(key.encode()) % TONES}"


@register.filter
def roles(actor: Actor, tenant: Tenant | None) -> str:
    """The roles that hold here, as words."""
    brand_id, tenant_id = tenant.place if tenant else (None, None)
    held = [grant.label for grant in actor.grants if tenant is None or grant.covers(brand_id, tenant_id)]
    return ", ".join(dict.fromkeys(held)) or "No role yet"


@register.filter
def megabytes(number: int | None) -> str:
    if number is None:
        return "Unlimited"
    return f"{number:,} MB" if number % MB_OF_A_GB else f"{number // MB_OF_A_GB:,} GB"


@register.filter
def quotas(profile: Profile) -> str:
    """What one user of a profile gets, such as "Mail 5 GB, Drive unlimited"."""
    told = f"Mail {megabytes(profile.mail_quota_mb)}, Drive {megabytes(profile.drive_quota_mb)}"
    return told.replace("Unlimited", "unlimited")


@register.filter
def used(number: int) -> str:
    """Megabytes that are in use, such as "340 MB" or "1.2 GB"."""
    return f"{number} MB" if number < MB_OF_A_GB else f"{number / MB_OF_A_GB:,.1f} GB"


@register.filter
def ago(at: datetime) -> str:
    """How long ago, in its largest unit, such as "3 days ago"."""
    since = timesince(at, depth=1)
    return "just now" if since.startswith("0") else f"{since} ago"


@register.filter
def minutes_left(acting: ActingFor) -> str:
    """Such as "12 minutes"; what is left of the last one counts as one."""
    minutes = max(ceil((acting.ends_at - timezone.now()).total_seconds() / 60), 1)
    return f"{minutes} minute{'s' * (minutes != 1)}"


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def signed(number: int) -> str:
    """Such as "+12", and with a real minus where it is below 0."""
    return f"+{number:,}" if number > 0 else f"{number:,}".replace("-", "\u2212")


def _class_of(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    name = "form-select" if isinstance(widget, Select) and not isinstance(widget, FileInput) else "form-control"
    return f"{name} is-invalid" if field.errors else name


def _plain(attributes: Any) -> dict[str, str]:
    """Cotton hands attributes over as an object with a dictionary inside."""
    if hasattr(attributes, "attrs_dict"):
        return dict(attributes.attrs_dict())
    return dict(attributes or {})


@register.filter
def at(mapping: dict[Any, Any], key: Any) -> Any:
    """The value at a key that is itself a variable; an empty text where there is none."""
    return mapping.get(key, "")


@register.filter
def look_word(of: Any) -> str:
    return looks.look(of).word


@register.filter
def language_name(code: str) -> str:
    return dict(LANGUAGES).get(code, code)
