"""The verb by which the catch-all of an adopted context becomes ours. The platform hears nothing of it."""

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.domains.commands import describe
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.tenants.commands import held
from oxherd.tenants.models import Tenant


@transaction.atomic
def adopt_catch_all(*, actor: Actor, tenant: Tenant, name: str, ox_name: str) -> None:
    """Write down who gets what is addressed to nobody. name: of the domain. ox_name: of the user on the platform.

    Raises Refused where the user is none of ours.
    """
    actor.require(Permission.MANAGE_DOMAINS, tenant)
    tenant = held(tenant)
    domain = of_tenant(tenant).select_for_update(of=("self",), no_key=True).get(name=name)
    account = OxAccount.objects.filter(tenant=tenant, ox_name=ox_name, presence=Presence.PRESENT).first()
    if account is None:
        raise Refused(f"{ox_name}, who gets it in OX, is not in the panel.", field="catch_all")
    before = describe(domain)
    domain.catch_all_id = account.user_id
    domain.save(update_fields=["catch_all"])
    tenant.catch_alls = sorted({*tenant.catch_alls, name})
    tenant.save(update_fields=["catch_alls"])
    old, new = changes(before, describe(domain))
    record(actor, Action.DOMAIN_CHANGE, domain, place=tenant, before=old, after=new)
