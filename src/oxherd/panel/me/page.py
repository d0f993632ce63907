"""The page of one's own: who one is, what one has, and what one has asked for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from oxherd.app_passwords import queries as app_passwords
from oxherd.brands import queries as brands
from oxherd.brands.models import Logo
from oxherd.errors import NotYours
from oxherd.panel import usage
from oxherd.panel.answers import Context
from oxherd.panel.me.session import for_signed_in
from oxherd.panel.upsell.look import style_sheet
from oxherd.people.models import Photo, ServiceUser
from oxherd.people.queries import photo_digests
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import modules_of
from oxherd.purchases import queries as purchases

FOR_EVER = "private, max-age=31536000, immutable"


@require_GET
@for_signed_in
def show(request: HttpRequest, me: ServiceUser) -> HttpResponse:
    account = me.account
    context = {
        "account": account,
        "modules": modules_of(account.profile.package),
        "requests": purchases.own(me),
        "can_ask": bool(offered_to(me)),
        "app_passwords": app_passwords.own(me),
        "has_app_passwords": me.tenant.brand.carries_mail,
        **usage.gauges(me.tenant, account, url=reverse("me_usage")),
    }
    return page(request, me, "page", context)


@require_GET
@for_signed_in
def used(request: HttpRequest, me: ServiceUser) -> HttpResponse:
    """How full mailbox and Drive are, by themselves."""
    return usage.answer(request, me.account, url=reverse("me_usage"))


@require_GET
@for_signed_in
def photo(request: HttpRequest, me: ServiceUser, digest: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    picture = Photo.objects.filter(user=me, digest=digest).first()
    if picture is None:
        raise NotYours("There is no such picture.")
    return HttpResponse(bytes(picture.jpeg), content_type="image/jpeg", headers={"Cache-Control": FOR_EVER})


@require_GET
@for_signed_in
def logo(request: HttpRequest, me: ServiceUser, digest: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    picture = Logo.objects.filter(brand=me.tenant.brand_id, digest=digest).first()
    if picture is None:
        raise NotYours("There is no such picture.")
    return HttpResponse(bytes(picture.png), content_type="image/png", headers={"Cache-Control": FOR_EVER})


@require_GET
@for_signed_in
def style(request: HttpRequest, me: ServiceUser) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The brand's colour; its address changes with it."""
    sheet = style_sheet(me.tenant.brand.colour)
    return HttpResponse(sheet, content_type="text/css", headers={"Cache-Control": FOR_EVER})


def offered_to(me: ServiceUser) -> list[Profile]:
    """The profiles above the user's own, lowest rank first; none where the brand takes no requests."""
    brand = me.tenant.brand
    if not brands.takes_requests(brand):
        return []
    return [profile for profile in purchases.offered(brand) if profile.rank > me.account.profile.rank]


def page(request: HttpRequest, me: ServiceUser, name: str, context: Context, *, status: int = 200) -> HttpResponse:
    """In the brand's look, with who is there at the top."""
    photo, digest = photo_digests([me]).get(me.pk), brands.logo_digest(me.tenant.brand)
    context |= {
        "me": me,
        "brand": me.tenant.brand,
        "photo": reverse("me_photo", args=[photo]) if photo else "",
        "logo": reverse("me_logo", args=[digest]) if digest else "",
    }
    return render(request, f"panel/me/{name}.html", context, status=status)
