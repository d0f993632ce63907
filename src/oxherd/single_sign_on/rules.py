import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import idna

from oxherd import outgoing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands.models import Brand
from oxherd.errors import NotAllowed, Refused
from oxherd.inputs import one_line
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.models import GroupRole, IdentityProvider, MailDomain
from oxherd.single_sign_on.states import ALL_THERE, ROLES, Level
from oxherd.tenants.models import Tenant

MOST_DOMAINS = 50
MOST_GROUP_ROLES = 200
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, 3.3
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({LABEL}\.)+[a-z0-9-]*[a-z][a-z0-9-]*")


def may_decide(actor: Actor, owner: Tenant | Brand | None) -> None:
    """Who decides which service tells who somebody is could be anybody there. Raises NotYours or NotAllowed."""
    actor.require(Permission.MANAGE_ADMINISTRATORS, owner)
    level = Level.PROVIDER if owner is None else Level.TENANT if isinstance(owner, Tenant) else Level.BRAND
    if missing := [permission for permission in sorted(ALL_THERE[level]) if not actor.may(permission, owner)]:
        raise NotAllowed(
            "Whoever sets up an identity provider decides who signs in as whom, so your role must allow everything "
            f"that is done here. It does not allow this: {Permission(missing[0]).label.lower()}."
        )


def issuer_is_sound(provider: IdentityProvider) -> None:
    """OpenID Connect: the issuer is compared letter by letter. Raises Refused at the field to mend."""
    url_is_safe(provider.issuer, "issuer")
    if urlsplit(provider.issuer).query or urlsplit(provider.issuer).fragment:
        raise Refused("An issuer has neither ? nor #. Copy it from the service's settings.", field="issuer")
    if "/.well-known/" in provider.issuer:
        raise Refused("Leave out /.well-known/ and what follows: it is added by itself.", field="issuer")
    provider.client_id = one_line(provider.client_id, "client_id", most=300, missing="Give the client ID.")
    words = provider.scopes.split()
    if bad := next((word for word in words if not SCOPE.fullmatch(word)), None):
        raise Refused(f"“{bad[:50]}” is not a scope.", field="scopes")
    provider.scopes = " ".join(dict.fromkeys(["openid", *words]))
    if len(provider.scopes) > 300:  # noqa: PLR2004 - the column's width
        raise Refused("This is longer than 300 characters.", field="scopes")


def url_is_safe(url: str, field: str, *, asked: bool = True) -> None:
    """https, or http to a host that the operator has opened. Raises Refused at `field`.

    asked: by oxherd, and so guarded; else only browsers go there.
    """
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a broken port or IPv6 address
        complete = False
    if not complete or url != url.strip() or " " in url or not url.isprintable() or len(url) > 500:  # noqa: PLR2004
        raise Refused("Give a complete address that begins with https://.", field=field)
    if parts.username or parts.password:
        raise Refused("Leave user name and password out of the address.", field=field)
    if parts.scheme == "http" and not outgoing.is_opened(parts.hostname or ""):
        raise Refused("Only https:// is safe for signing in.", field=field)
    if asked:
        outgoing.check_url(url, outgoing.PUBLIC, field)


def mail_domains(provider: IdentityProvider, names: Iterable[str]) -> list[str]:
    """The domains in their stored form, each once. Raises Refused at `mail_domains`."""
    found = list(dict.fromkeys(_domain_name(name) for name in names if name.strip()))
    if len(found) > MOST_DOMAINS:
        raise Refused(f"{MOST_DOMAINS} mail domains are enough.", field="mail_domains")
    for name in found:
        if not queries.is_theirs(provider, name):
            raise Refused(_not_theirs(provider, name), field="mail_domains")
        _domain_is_free(provider, name)
    return found


def group_roles(actor: Actor, provider: IdentityProvider, pairs: Sequence[tuple[str, str]]) -> list[GroupRole]:
    """Which group gives which role, each once. pairs: a group, and a role's value or "custom:7".

    Raises Refused at `group_roles`, also for a new one that gives more than the actor may do there.
    """
    if len(pairs) > MOST_GROUP_ROLES:
        raise Refused(f"{MOST_GROUP_ROLES} groups are enough.", field="group_roles")
    customs = {f"custom:{role.pk}": role for role in queries.custom_roles(provider)}
    before = {(row.group, row.chosen) for row in provider.group_roles.all()} if provider.pk else set()
    found = {}
    for group, chosen in pairs:
        name = one_line(group, "group_roles", most=300, missing="Give the group as the service tells it.")
        if chosen not in customs and chosen not in ROLES[provider.level]:
            raise Refused(f"Choose the role that {name} gives.", field="group_roles")
        custom = customs.get(chosen)
        row = GroupRole(group=name, role="" if custom else chosen, custom_role=custom)
        if (name, chosen) not in before and not row.gives <= actor.held(provider):
            raise Refused(f"{row.role_name} may do more than you may. Choose another role.", field="group_roles")
        found[name, chosen] = row
    return list(found.values())


def switches_are_sound(provider: IdentityProvider, domains: Sequence[str], pairs: Sequence[object]) -> None:
    """What one switch needs of the rest. Raises Refused at the field to mend."""
    if provider.creates_administrators and not domains:
        raise Refused(
            "Name the mail domains whose people may be added; otherwise the service could add any address.",
            field="mail_domains",
        )
    if provider.creates_administrators and not pairs:
        raise Refused("Say which group gives which role: somebody new has none yet.", field="group_roles")
    if pairs and not provider.groups_claim:
        raise Refused("Say where the service tells the groups.", field="groups_claim")
    if provider.is_enabled and provider.level is Level.TENANT and not domains:
        raise Refused("Name at least one of your verified domains.", field="mail_domains")
    if provider.is_required and not provider.is_enabled:
        raise Refused("Switch it on before it is required.", field="is_required")


def _domain_name(text: str) -> str:
    name = text.strip().lower().removeprefix("@").rstrip(".")
    try:
        name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    if not DOMAIN.fullmatch(name) or len(name) > 253:  # noqa: PLR2004 - RFC 1035, 2.3.4
        raise Refused(f"“{text.strip()[:100]}” is not a mail domain, such as example.com.", field="mail_domains")
    return name


def _not_theirs(provider: IdentityProvider, name: str) -> str:
    if provider.level is Level.TENANT:
        return f"{name} is not a verified domain of {provider.tenant}. Add and verify it under OX Service, Domains."
    return f"{name} belongs to a customer of another brand."


def _domain_is_free(provider: IdentityProvider, name: str) -> None:
    """Two ways for one domain would be none: nobody could say which is taken."""
    others = MailDomain.objects.filter(name=name).exclude(identity_provider=provider.pk)
    if provider.level is Level.TENANT:
        others = others.filter(identity_provider__tenant=provider.tenant)
    elif provider.level is Level.BRAND:
        others = others.filter(identity_provider__tenant=None)
    else:
        others = others.filter(identity_provider__tenant=None, identity_provider__brand=None)
    if others.exists():
        raise Refused(f"{name} leads to another identity provider already.", field="mail_domains")
