"""The offer that App Suite opens for a user who wants more: a public page in the brand's look, often in a frame.

It needs neither sign-in nor cookies, and its answer is the same whether the user or the context exists or not.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.brands import queries as brands
from oxherd.brands.models import Logo, Upsell
from oxherd.errors import Refused
from oxherd.panel.upsell import look, pages, throttle
from oxherd.panel.upsell.claims import Claims, read, read_credential, unsign
from oxherd.panel.upsell.words import WORDS
from oxherd.profiles.models import Profile
from oxherd.purchases import queries, rules
from oxherd.purchases.commands import Wish, ask
from oxherd.purchases.models import LONGEST_MESSAGE
from oxherd.walls.sight import EVERYTHING, NOTHING, Sight, seeing

log = logging.getLogger(__name__)
FOR_A_DAY = "public, max-age=86400"
FOR_EVER = "public, max-age=31536000, immutable"


class SeeOther(HttpResponseRedirect):
    status_code = 303


def of_open_offer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view the offer behind the public key, and shows it nothing but this offer's brand and its customers."""

    @wraps(view)
    def answer(request: HttpRequest, key: str, **rest: str) -> HttpResponse:
        with seeing(EVERYTHING) as see:
            upsell = brands.offer(key)
            see(Sight(brands=frozenset({upsell.pk})) if upsell else NOTHING)
            return pages.unknown(request) if upsell is None else view(request, upsell, **rest)

    return answer


@login_not_required
@csrf_exempt  # there is no session that another page could misuse; the form carries a signature of ours
@require_http_methods(["GET", "HEAD", "POST"])
@of_open_offer
def offer(request: HttpRequest, upsell: Upsell) -> HttpResponse:
    """Show the profiles that give what is missing, and take the request for one of them."""
    if request.method != "POST":
        claims = read(request.GET)
        return pages.form(request, upsell, claims, pages.language_for(request, claims.language))
    try:
        claimed = unsign(upsell.key, request.POST.get("form", ""))
    except RequestDataTooBig:
        claimed = None
    if claimed is None:
        return pages.notice(request, upsell, "expired", Claims(), status=422)
    return _taken(request, upsell, claimed)


@login_not_required
@require_safe
@of_open_offer
def sent(request: HttpRequest, upsell: Upsell) -> HttpResponse:
    """After a request, whatever came of it."""
    return pages.notice(request, upsell, "sent", read(request.GET))


@login_not_required
@require_safe
@of_open_offer
def style(request: HttpRequest, upsell: Upsell) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The brand's colour; its address changes with it."""
    sheet = look.style_sheet(upsell.brand.colour)
    return HttpResponse(sheet, content_type="text/css", headers={"Cache-Control": FOR_A_DAY})


@login_not_required
@require_safe
@of_open_offer
def logo(request: HttpRequest, upsell: Upsell, digest: str) -> HttpResponse:
    """The brand's logo; its address changes with it."""
    picture = Logo.objects.filter(brand=upsell.pk, digest=digest).first()
    if picture is None:
        return pages.unknown(request)
    return HttpResponse(bytes(picture.png), content_type="image/png", headers={"Cache-Control": FOR_EVER})


def _taken(request: HttpRequest, upsell: Upsell, claims: Claims) -> HttpResponse:
    language = pages.language_for(request, claims.language)
    if throttle.is_too_much(request, brand_id=upsell.pk, context_id=claims.context_id):
        log.info("upsell of brand %s: too many requests", upsell.pk)
        return pages.notice(request, upsell, "too_many", claims, status=429)
    kind, credential = read_credential(request.POST)
    if credential:  # from the address's fragment, which only the page's script has seen
        claims = replace(claims, credential_kind=kind, credential=sealing.seal(credential))
    profile = pages.chosen(request, upsell, claims)
    errors = {} if profile else {"profile": WORDS[language].choose}
    message = _message(request, language, errors)
    if profile is None or errors:
        return pages.form(request, upsell, claims, language, errors=errors)
    _record(request, upsell, claims, profile, message)
    place = urlencode({"lang": claims.language or language, **({"host": claims.host} if claims.host else {})})
    there = f"{reverse('upsell_sent', args=[upsell.key])}?{place}"
    return pages.framed(SeeOther(there), upsell)


def _message(request: HttpRequest, language: str, errors: dict[str, str]) -> str:
    try:
        return rules.message(request.POST.get("message", ""))
    except Refused:
        errors["message"] = WORDS[language].too_long.format(number=LONGEST_MESSAGE)
        return ""


def _record(request: HttpRequest, upsell: Upsell, claims: Claims, profile: Profile, message: str) -> None:
    """Note the request; who is not there, or asks for no upgrade, is dropped without a word."""
    account = queries.claimed_account(upsell.brand, claims.claim)
    if account is None:
        log.info("upsell of brand %s: dropped, as it names nobody", upsell.pk)
        return
    request_id: str = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
    wish = Wish(
        profile=profile,
        missing=claims.missing,
        trigger=claims.trigger,
        message=message,
        language=claims.language,
        credential_kind=claims.credential_kind,
        credential=sealing.unseal(claims.credential),
    )
    try:
        ask(actor=Actor(str(account.user), Door.APP_SUITE, request_id=request_id), account=account, wish=wish)
    except Refused as refused:
        log.info("upsell of brand %s: dropped: %s", upsell.pk, refused.sentence)
