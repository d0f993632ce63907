"""Domains in the states that their pages can show."""

from django.utils import timezone
from tests.cast import NOBODY_THERE, PASSWORD, Cast

from oxherd.brands.commands import add_brand, change_brand
from oxherd.dkim import commands as dkim
from oxherd.dkim.models import DkimKey
from oxherd.domains.commands import add_domain, add_subdomain
from oxherd.domains.ownership_commands import note_check
from oxherd.tenants.commands import add_tenant


def subdomain(cast: Cast) -> int:
    return add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test").pk


def claim(cast: Cast) -> int:
    """With what was found of its records, and another domain's."""
    change_brand(actor=cast.system, brand=cast.brand, mail_hosts=["10 mx1.sunrise.test"], dmarc="v=DMARC1; p=none")
    claim = add_domain(actor=cast.system, tenant=cast.acme, name="bücher.example", approved=False)
    note_check(claim.pk, {"ownership": {"name": claim.proof_name, "values": ["other"], "problem": ""}})
    found = {"name": "acme.test", "values": ["10 old.test"], "problem": ""}
    note_check(cast.acme.domains.get(name="acme.test").pk, {"mx": found})
    return claim.pk


def carried(cast: Cast) -> dict[str, int]:
    """A customer whose mail is carried here: one key signs, one waits, and one was retired."""
    keys = {"api_url": NOBODY_THERE, "username": "west", "password": PASSWORD}
    brand = add_brand(actor=cast.system, name="West", **keys)
    brand.carries_mail = True
    brand.save(update_fields=["carries_mail"])
    tenant = add_tenant(actor=cast.system, brand=brand, name="Umbrella")
    domain = add_domain(actor=cast.system, tenant=tenant, name="umbrella.test")
    dkim.add_key(actor=cast.system, domain=domain)
    DkimKey.objects.update(state="active", activated_at=timezone.now())
    former = domain.dkim_keys.create(selector="ox202601a", public_key="MIIB", state="retired")
    DkimKey.objects.filter(pk=former.pk).update(retired_at=timezone.now())
    dkim.rotate(actor=cast.system, domain=domain)
    return {"carried": tenant.pk, "signed": domain.pk}
