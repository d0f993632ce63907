"""The pages of the offer, in the brand's look and the user's language; only the brand's webmail may frame them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from csp.constants import NONE
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from oxherd.brands import queries as brands
from oxherd.brands.models import Upsell
from oxherd.panel.upsell import look
from oxherd.panel.upsell.claims import Claims, sign
from oxherd.panel.upsell.words import WORDS, Words
from oxherd.profiles.models import Profile
from oxherd.profiles.module_words import name_in
from oxherd.profiles.modules import candidates, gained, missing_modules
from oxherd.purchases import queries
from oxherd.purchases.mails import language_of
from oxherd.purchases.models import LONGEST_MESSAGE


@dataclass(frozen=True, slots=True)
class Offer:
    """A profile as the page shows it. modules: what it has more than the brand's lowest one, in the language."""

    profile: Profile
    modules: list[str]
    mailbox: str
    files: str


def form(
    request: HttpRequest, upsell: Upsell, claims: Claims, language: str, *, errors: dict[str, str] | None = None
) -> HttpResponse:
    """The profiles that give what is missing, to choose from. errors: sentences by the name of the field."""
    offered = queries.offered(upsell.brand)
    profiles = candidates(offered, claims.missing)
    if not profiles:
        return notice(request, upsell, "nothing", claims)
    context = {
        "offers": [_offer(offered[0], profile, language) for profile in profiles],
        "missing": _missing(claims, language),
        "chosen": request.POST.get("profile") or str(_planned(profiles, claims.plan).pk),
        "message": request.POST.get("message", "")[: 2 * LONGEST_MESSAGE],
        "most": LONGEST_MESSAGE,
        "form": sign(upsell.key, claims),
        "errors": errors or {},
    }
    context |= _page(upsell, claims, language)
    return framed(render(request, "panel/upsell/form.html", context, status=422 if errors else 200), upsell)


def notice(request: HttpRequest, upsell: Upsell, name: str, claims: Claims, *, status: int = 200) -> HttpResponse:
    """A page that only says something. name: the beginning of its words."""
    language = language_for(request, claims.language)
    words = WORDS[language]
    context = {"heading": getattr(words, name), "lead": getattr(words, f"{name}_lead"), "is_sent": name == "sent"}
    context |= _page(upsell, claims, language)
    return framed(render(request, "panel/upsell/notice.html", context, status=status), upsell)


def _page(upsell: Upsell, claims: Claims, language: str) -> dict[str, Any]:
    """What both pages need."""
    digest = brands.logo_digest(upsell.brand)
    return {
        "brand": upsell.brand,
        "key": upsell.key,
        "language": language,
        "words": WORDS[language],
        "logo": reverse("upsell_logo", args=[upsell.key, digest]) if digest else "",
        "close": look.close(upsell, claims.host),
        "webmail": look.webmail(upsell, claims.host),
    }


def framed(response: HttpResponse, upsell: Upsell) -> HttpResponse:
    """The brand's webmail may show this in a frame, and nobody else."""
    response.xframe_options_exempt = True  # as Django's decorator does
    response._csp_replace = {"frame-ancestors": upsell.origins or [NONE]}  # type: ignore[attr-defined]  # noqa: SLF001 - as django-csp's decorators do
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def unknown(request: HttpRequest) -> HttpResponse:
    """For a key that is not known (any more)."""
    words = WORDS[language_for(request, "")]
    context = {"words": words, "heading": words.nothing, "lead": words.nothing_lead}
    return render(request, "panel/upsell/notice.html", context, status=404)


def chosen(request: HttpRequest, upsell: Upsell, claims: Claims) -> Profile | None:
    """The profile that the form names, if it is among those that were shown."""
    shown = {str(profile.pk): profile for profile in candidates(queries.offered(upsell.brand), claims.missing)}
    return shown.get(request.POST.get("profile", ""))


def _missing(claims: Claims, language: str) -> str:
    modules = ", ".join(name_in(module, language) for module in missing_modules(claims.missing))
    return WORDS[language].missing.format(modules=modules) if modules else ""


def _offer(lowest: Profile, profile: Profile, language: str) -> Offer:
    words = WORDS[language]
    more = gained(lowest.package, profile.package)
    return Offer(
        profile=profile,
        modules=[name_in(module, language) for module in more if module.main],
        mailbox=words.mailbox.format(size=_size(profile.mail_quota_mb, words)),
        files=words.files.format(size=_size(profile.drive_quota_mb, words)),
    )


def _planned(profiles: Sequence[Profile], plan: str) -> Profile:
    """The profile that App Suite names, by its combination or its name; else the cheapest."""
    plan = plan.casefold()
    named = (each for each in profiles if plan in {each.access_combination.casefold(), each.name.casefold()})
    return next(named, profiles[0])


def _size(megabytes: int | None, words: Words) -> str:
    if megabytes is None:
        return words.unlimited
    return f"{megabytes} MB" if megabytes % 1024 else f"{megabytes // 1024} GB"


def language_for(request: HttpRequest, said: str) -> str:
    """The user's language in App Suite; else the browser's."""
    return language_of(said or request.headers.get("Accept-Language", "").partition(",")[0])
