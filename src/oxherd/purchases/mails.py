"""The mail that tells a requester what was decided, in the requester's language."""

from dataclasses import dataclass
from email.headerregistry import Address

from django.conf import settings
from django.core.mail import EmailMessage

from oxherd.profiles.module_words import LANGUAGES, name_in
from oxherd.profiles.modules import Module, gained
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import RequestState

ENGLISH = LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. {name}: of the requester; {profile}; {reason}; {modules}: with commas; {webmail}: an address."""

    greeting: str
    approved_subject: str
    approved: str
    new: str
    rejected_subject: str
    rejected: str
    reason: str
    webmail: str


TEXTS: dict[str, Texts] = {
    "en": Texts(
        greeting="Hello {name},",
        approved_subject="You get the profile {profile}",
        approved=(
            "you asked for the profile {profile}, and your administrator has agreed. The change is on its way and "
            "takes a few minutes. Reload your webmail then, or sign in again, to see it."
        ),
        new="What is new: {modules}.",
        rejected_subject="Your request for the profile {profile}",
        rejected="you asked for the profile {profile}, and your administrator has declined. Nothing changes for you.",
        reason="The reason: {reason}",
        webmail="Your webmail: {webmail}",
    ),
    "de": Texts(
        greeting="Guten Tag {name},",
        approved_subject="Sie erhalten das Profil {profile}",
        approved=(
            "Sie haben das Profil {profile} angefragt, und Ihre Administration hat zugestimmt. Die Änderung ist "
            "unterwegs und dauert einige Minuten. Laden Sie danach Ihr Webmail neu, oder melden Sie sich neu an."
        ),
        new="Neu für Sie: {modules}.",
        rejected_subject="Ihre Anfrage nach dem Profil {profile}",
        rejected=(
            "Sie haben das Profil {profile} angefragt, und Ihre Administration hat abgelehnt. Für Sie ändert sich "
            "nichts."
        ),
        reason="Der Grund: {reason}",
        webmail="Ihr Webmail: {webmail}",
    ),
    "fr": Texts(
        greeting="Bonjour {name},",
        approved_subject="Vous obtenez le profil {profile}",
        approved=(
            "vous avez demandé le profil {profile} et votre administrateur a accepté. Le changement est en route et "
            "prend quelques minutes. Rechargez ensuite votre webmail, ou reconnectez-vous, pour le voir."
        ),
        new="Ce qui est nouveau : {modules}.",
        rejected_subject="Votre demande du profil {profile}",
        rejected=("vous avez demandé le profil {profile} et votre administrateur a refusé. Rien ne change pour vous."),
        reason="Le motif : {reason}",
        webmail="Votre webmail : {webmail}",
    ),
    "es": Texts(
        greeting="Hola, {name}:",
        approved_subject="Recibe el perfil {profile}",
        approved=(
            "Usted pidió el perfil {profile} y su administrador ha aceptado. El cambio está en camino y tarda unos "
            "minutos. Después, vuelva a cargar su webmail o inicie sesión de nuevo para verlo."
        ),
        new="Lo nuevo: {modules}.",
        rejected_subject="Su solicitud del perfil {profile}",
        rejected="Usted pidió el perfil {profile} y su administrador lo ha rechazado. Para usted no cambia nada.",
        reason="El motivo: {reason}",
        webmail="Su webmail: {webmail}",
    ),
    "it": Texts(
        greeting="Buongiorno {name},",
        approved_subject="Riceve il profilo {profile}",
        approved=(
            "ha richiesto il profilo {profile} e il Suo amministratore ha accettato. La modifica è in corso e "
            "richiede alcuni minuti. Poi ricarichi la webmail, o acceda di nuovo, per vederla."
        ),
        new="Le novità: {modules}.",
        rejected_subject="La Sua richiesta del profilo {profile}",
        rejected=("ha richiesto il profilo {profile} e il Suo amministratore ha rifiutato. Per Lei non cambia nulla."),
        reason="Il motivo: {reason}",
        webmail="La Sua webmail: {webmail}",
    ),
    "nl": Texts(
        greeting="Hallo {name},",
        approved_subject="U krijgt het profiel {profile}",
        approved=(
            "u hebt het profiel {profile} aangevraagd en uw beheerder heeft ingestemd. De wijziging is onderweg en "
            "duurt enkele minuten. Laad daarna uw webmail opnieuw, of meld u opnieuw aan, om haar te zien."
        ),
        new="Nieuw voor u: {modules}.",
        rejected_subject="Uw aanvraag van het profiel {profile}",
        rejected=(
            "u hebt het profiel {profile} aangevraagd en uw beheerder heeft dit afgewezen. Voor u verandert er niets."
        ),
        reason="De reden: {reason}",
        webmail="Uw webmail: {webmail}",
    ),
}


def language_of(locale: str) -> str:
    """The language of ours for a locale of App Suite such as de_AT; English for all others."""
    language = locale.replace("-", "_").partition("_")[0].lower()
    return language if language in LANGUAGES else ENGLISH


def decision(request: PurchaseRequest, to: str) -> EmailMessage:
    """The mail about a decided request, with tenant and brand loaded. to: the requester's address, stored form.

    Sent twice after a crash, it is the same mail: its Message-ID is made from the request.
    """
    approved = request.state == RequestState.APPROVED
    texts = TEXTS[language_of(request.language)]
    subject = texts.approved_subject if approved else texts.rejected_subject
    brand = request.tenant.brand
    return EmailMessage(
        subject=subject.format(profile=request.to_name),
        body=_body(request, texts, approved=approved),
        from_email=str(Address(display_name=brand.name, addr_spec=settings.DEFAULT_FROM_EMAIL)),
        to=[str(Address(display_name=request.user_name, addr_spec=to))],
        headers={
            "Message-ID": f"<purchase-request-{request.pk}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _body(request: PurchaseRequest, texts: Texts, *, approved: bool) -> str:
    paragraphs = [texts.greeting, texts.approved if approved else texts.rejected]
    modules = _new(request) if approved else ()
    if modules:
        paragraphs.append(texts.new)
    if request.reason and not approved:
        paragraphs.append(texts.reason)
    brand = request.tenant.brand
    if brand.app_suite_url:
        paragraphs.append(texts.webmail)
    language = language_of(request.language)
    words = {
        "name": request.user_name,
        "profile": request.to_name,
        "reason": request.reason,
        "modules": ", ".join(name_in(module, language) for module in modules),
        "webmail": brand.app_suite_url,
    }
    return "\n\n".join([*(paragraph.format(**words) for paragraph in paragraphs), brand.name]) + "\n"


def _new(request: PurchaseRequest) -> tuple[Module, ...]:
    """The main modules that the requester gains, as far as both profiles are still there."""
    if request.from_profile is None or request.to_profile is None:
        return ()
    more = gained(request.from_profile.package, request.to_profile.package)
    return tuple(module for module in more if module.main)
