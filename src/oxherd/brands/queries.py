from collections.abc import Iterable

from django.db.models import QuerySet
from django.db.models.functions import Lower

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands.models import Brand, Inquiry, Logo, Upsell
from oxherd.brands.states import InquiryState
from oxherd.errors import NotYours


def for_actor(actor: Actor) -> QuerySet[Brand]:
    return Brand.objects.filter(actor.sees(brand="pk", tenant=None))


def managed(actor: Actor) -> QuerySet[Brand]:
    """The brands that the actor runs or sells, each with its `folded_name`, which lists go by."""
    brands = Brand.objects.annotate(folded_name=Lower("name"))
    if actor.may(Permission.MANAGE_PROFILES):
        return brands
    granted = {grant.brand_id for grant in actor.grants if grant.brand_id is not None}
    return brands.filter(pk__in=[pk for pk in granted if actor.may(Permission.MANAGE_PROFILES, Brand(pk=pk))])


def manages_any(actor: Actor) -> bool:
    """Whether there may be brands that the actor runs or sells; asks nothing of the database."""
    granted = {grant.brand_id for grant in actor.grants if grant.brand_id is not None}
    places = [None, *(Brand(pk=pk) for pk in granted)]
    return any(actor.may(Permission.MANAGE_PROFILES, place) for place in places)


def one(actor: Actor, pk: int) -> Brand:
    """Raises NotYours for a brand that is not there, or that the actor neither runs nor sells."""
    found = managed(actor).filter(pk=pk).first()
    if found is None:
        raise NotYours("There is no such brand.")
    return found


def one_inquiry(actor: Actor, pk: int) -> Inquiry:
    """Raises NotYours for one that was asked for elsewhere. Settings of no brand are shown to who tries them."""
    found = Inquiry.objects.filter(pk=pk).select_related("brand").first()
    if found and not found.is_trial and actor.may(Permission.MANAGE_PROFILES, found):
        return found
    is_own = found is not None and found.administrator_id == actor.administrator_id
    if found is None or not is_own or not actor.may(Permission.MANAGE_BRANDS, found):
        raise NotYours("There is no such inquiry.")
    return found


def last_inquiries(brands: Iterable[Brand]) -> dict[int, Inquiry]:
    """The newest inquiry of each brand, open or done, by the brand's id; one query."""
    rows = Inquiry.objects.filter(brand__in=[brand.pk for brand in brands], is_trial=False)
    return {row.brand_id: row for row in rows.order_by("brand_id", "-pk").distinct("brand_id") if row.brand_id}


def last_answer(brand: Brand) -> Inquiry | None:
    """The newest inquiry of the brand that is done and well: what the platform offers stands there."""
    done = Inquiry.objects.filter(brand=brand, is_trial=False, state=InquiryState.DONE, is_well=True)
    return done.order_by("-pk").first()


def offer(key: str) -> Upsell | None:
    """The open offer behind a public key, with its brand; None for any other key. Needs no actor: it is public."""
    return Upsell.objects.filter(key=key, is_open=True).select_related("brand").first()


def logo_digest(brand: Brand) -> str:
    """Of the brand's logo, without loading it; empty without one."""
    return Logo.objects.filter(brand=brand).values_list("digest", flat=True).first() or ""


def takes_requests(brand: Brand) -> bool:
    """Whether users of the brand's webmail can ask for a higher profile."""
    return Upsell.objects.filter(brand=brand, is_open=True).exists()
