from collections.abc import Sequence
from typing import Any

from django.db import transaction

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.single_sign_on import metadata, rules
from oxherd.single_sign_on.models import GroupRole, Identity, IdentityProvider, MailDomain
from oxherd.single_sign_on.states import CLAIMS, SCOPES, Kind
from oxherd.tenants.models import Tenant

COMMON = (
    *("name", "is_enabled", "is_required", "creates_administrators", "vouches_for_mail", "checks_second_factor"),
    *("mail_claim", "name_claim", "groups_claim"),
)
CHANGEABLE = {
    Kind.OIDC: (*COMMON, "issuer", "client_id", "scopes"),
    Kind.SAML: (*COMMON, "metadata_url", "metadata", "allows_unasked"),
}


@transaction.atomic
def add_provider(
    *,
    actor: Actor,
    owner: Tenant | Brand | None,
    kind: Kind,
    key: str = "",
    client_secret: str = "",
    mail_domains: Sequence[str] = (),
    group_roles: Sequence[tuple[str, str]] = (),
    **settings: Any,
) -> IdentityProvider:
    """Set up an identity provider for a tenant, a brand, or (None) the whole provider.

    key: what stands in its addresses, where that was told before. settings: any of CHANGEABLE of the kind.
    metadata: XML, also where a URL is given, from which it was fetched before.
    group_roles: pairs of a group and a role. Raises Refused with the field to mend, NotAllowed.
    """
    rules.may_decide(actor, owner)
    place: dict[str, Any] = {"tenant" if isinstance(owner, Tenant) else "brand": owner}
    provider = IdentityProvider(kind=kind, **place, **CLAIMS[kind], scopes=SCOPES if kind == Kind.OIDC else "")
    provider.sealed_client_secret = sealing.seal(client_secret.strip())
    if key and not IdentityProvider.objects.filter(key=key).exists():
        provider.key = key
    _assign(provider, settings)
    domains, rows = rules.mail_domains(provider, mail_domains), rules.group_roles(actor, provider, group_roles)
    rules.switches_are_sound(provider, domains, rows)
    provider.save(force_insert=True)
    _replace(provider, domains, rows)
    record(actor, Action.IDENTITY_PROVIDER_ADD, provider, place=provider, after=describe(provider))
    return provider


@transaction.atomic
def change_provider(
    *,
    actor: Actor,
    provider: IdentityProvider,
    client_secret: str | None = None,
    mail_domains: Sequence[str] | None = None,
    group_roles: Sequence[tuple[str, str]] | None = None,
    **settings: Any,
) -> IdentityProvider:
    """Change the named settings; what is None stays as it is. Raises Refused with the field to mend, NotAllowed.

    Whom it knows is forgotten with another issuer, client or entity id: subjects mean somebody else there, or nobody.
    """
    rules.may_decide(actor, provider.owner)
    provider = IdentityProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    before = describe(provider)
    _assign(provider, settings)
    if client_secret:
        provider.sealed_client_secret = sealing.seal(client_secret.strip())
    domains = before["mail_domains"] if mail_domains is None else rules.mail_domains(provider, mail_domains)
    rows = rules.group_roles(actor, provider, _pairs(provider) if group_roles is None else group_roles)
    rules.switches_are_sound(provider, domains, rows)
    provider.save()
    _replace(provider, domains, rows)
    old, new = changes(before, describe(provider))
    if {"issuer", "client_id", "entity_id"} & set(new):
        new |= {"forgotten": provider.identities.count()}
        provider.identities.all().delete()
    if client_secret:
        new |= {"client_secret": "set"}
    if new:
        record(actor, Action.IDENTITY_PROVIDER_CHANGE, provider, place=provider, before=old, after=new)
    return provider


@transaction.atomic
def remove_provider(*, actor: Actor, provider: IdentityProvider) -> None:
    """Whom it knows is forgotten, and the roles that its groups have given are taken away. Raises NotAllowed."""
    rules.may_decide(actor, provider.owner)
    record(actor, Action.IDENTITY_PROVIDER_REMOVE, provider, place=provider, before=describe(provider))
    provider.delete()


@transaction.atomic
def forget(*, actor: Actor, provider: IdentityProvider, identity: Identity) -> None:
    """The next sign-in of that administrator is bound anew by the mail address, whoever it is there by then."""
    rules.may_decide(actor, provider.owner)
    told = {"administrator": str(identity.administrator), "mail": identity.mail}
    record(actor, Action.IDENTITY_FORGET, provider, place=provider, before=told)
    identity.delete()


def describe(provider: IdentityProvider) -> dict[str, Any]:
    """For the audit, without the secret; of the metadata what it says."""
    fields = [field for field in CHANGEABLE[Kind(provider.kind)] if field != "metadata"]
    if provider.kind == Kind.SAML:
        fields += ["entity_id", "sso_url", "certificates"]
    return {
        "kind": provider.kind,
        **{field: getattr(provider, field) for field in fields},
        "mail_domains": list(provider.mail_domains.values_list("name", flat=True)),
        "group_roles": [f"{row.group}: {row.role_name}" for row in provider.group_roles.select_related("custom_role")],
    }


def _pairs(provider: IdentityProvider) -> list[tuple[str, str]]:
    return [(row.group, row.chosen) for row in provider.group_roles.all()]


def _replace(provider: IdentityProvider, domains: Sequence[str], rows: Sequence[GroupRole]) -> None:
    provider.mail_domains.exclude(name__in=domains).delete()
    MailDomain.objects.bulk_create(
        [MailDomain(identity_provider=provider, name=name) for name in domains], ignore_conflicts=True
    )
    if _pairs(provider) != [(row.group, row.chosen) for row in rows]:
        provider.group_roles.all().delete()
        for row in rows:
            row.identity_provider = provider
        GroupRole.objects.bulk_create(rows)


def _assign(provider: IdentityProvider, settings: dict[str, Any]) -> None:
    kind = Kind(provider.kind)
    if unknown := set(settings) - set(CHANGEABLE[kind]):
        raise TypeError(f"an identity provider of this kind has no {', '.join(sorted(unknown))}")
    for field, value in settings.items():
        setattr(provider, field, value)
    provider.name = one_line(provider.name, "name", most=100, missing="Say what the button is to be called.")
    provider.mail_claim = one_line(
        provider.mail_claim, "mail_claim", missing="Say where the service tells the mail address."
    )
    for field in ("name_claim", "groups_claim"):
        setattr(provider, field, one_line(getattr(provider, field), field))
    if kind == Kind.OIDC:
        rules.issuer_is_sound(provider)
    elif {"metadata", "metadata_url"} & set(settings) or not provider.entity_id:
        _read_metadata(provider)


def _read_metadata(provider: IdentityProvider) -> None:
    if provider.metadata_url:
        rules.url_is_safe(provider.metadata_url, "metadata_url")
    field = "metadata_url" if provider.metadata_url else "metadata"
    if not provider.metadata.strip():
        raise Refused("Give the address of the metadata, or the metadata itself.", field="metadata_url")
    said = metadata.read(provider.metadata, field)
    rules.url_is_safe(said.sso_url, field, asked=False)
    provider.entity_id, provider.sso_url = said.entity_id, said.sso_url
    provider.certificates = list(said.certificates)
