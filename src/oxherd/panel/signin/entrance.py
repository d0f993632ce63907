"""The sign-in itself, where the package's own pages would need inline scripts: by passkey, and the second factor."""

from collections.abc import Callable

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts.models import Administrator
from oxherd.errors import Refused
from oxherd.panel.signin import proofs
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.signin.person import administrator_of
from oxherd.signin.queries import Factors, factors_of
from oxherd.signin.states import FEW_CODES

UNKNOWN_PASSKEY = "This passkey is not known here, or it took too long. Try again, or sign in with your password."
TOO_MANY = "Too many attempts. Wait a few minutes, then try again."
View = Callable[[HttpRequest], HttpResponse]


def second_step(view: View) -> View:
    """For who has given the right password, and has not signed in yet; all others begin anew."""
    guarded: View = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")(view)
    return guarded


@login_not_required
@never_cache
@require_GET
def passkey_options(request: HttpRequest) -> HttpResponse:
    """A challenge for any passkey of this host: nobody has said yet who is there."""
    if not ratelimit.consume(request, app="allauth.account", action="passkey_options", limit_get=True):
        return JsonResponse({"sentence": TOO_MANY}, status=429)
    return JsonResponse(dict(webauthn.begin_authentication(user=None)))


@login_not_required
@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: it knows who it belongs to, and has asked for finger, face or PIN."""
    after = request.POST.get("next", "")
    after = after if url_has_allowed_host_and_scheme(after, allowed_hosts=None) else ""
    if not ratelimit.consume(request, app="allauth.account", action="passkey"):
        return _back_to_sign_in(request, TOO_MANY, after)
    asked = webauthn.get_state() or {}
    factor = proofs.passkey_of(None, request.POST.get("credential", ""))
    if factor is None or asked.get("user_verification") != "required":
        return _back_to_sign_in(request, UNKNOWN_PASSKEY, after)
    request.session.set_expiry(0)
    response: HttpResponse = perform_passwordless_login(
        request, factor, Login(user=factor.user, redirect_url=after or None)
    )
    return response


@second_step
@require_GET
def second_options(request: HttpRequest) -> HttpResponse:
    """A challenge for the passkeys of who has given the right password."""
    return JsonResponse(dict(webauthn.begin_authentication(_who(request))))


@second_step
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor after the password: passkey, code of the app, or a recovery code."""
    administrator = _who(request)
    errors: dict[str | None, str] = {}
    if request.method == "POST":
        try:
            factor = _proved(request, administrator)
        except Refused as refused:
            errors = {refused.field: refused.sentence}
        else:
            return _enter(request, administrator, factor)
    context = {
        "factors": factors_of(administrator),
        "no_passkeys": why_no_passkeys(request),
        "errors": errors,
    }
    return render(request, "panel/signin/second.html", context, status=422 if errors else 200)


@login_not_required
@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Forget the password that was right: somebody else wants to sign in."""
    clear_login(request)
    return HttpResponseRedirect(reverse("account_login"))


@require_GET
def own_options(request: HttpRequest) -> HttpResponse:
    """A challenge for the passkeys of who is signed in, to prove it once more."""
    return JsonResponse(dict(webauthn.begin_authentication(administrator_of(request))))  # type: ignore[arg-type]


def _who(request: HttpRequest) -> Administrator:
    administrator: Administrator = request._login_stage.login.user  # type: ignore[attr-defined]  # noqa: SLF001
    return administrator


def _proved(request: HttpRequest, administrator: Administrator) -> Authenticator:
    if request.POST.get("credential"):
        return proofs.by_passkey(request, administrator, request.POST["credential"])
    return proofs.by_code(request, administrator, request.POST.get("code", ""))


def _enter(request: HttpRequest, administrator: Administrator, factor: Authenticator) -> HttpResponse:
    response: HttpResponse = request._login_stage.exit()  # type: ignore[attr-defined]  # noqa: SLF001
    if factor.type == Authenticator.Type.RECOVERY_CODES:
        _warn_of_few(request, factors_of(administrator))
    return response


def _warn_of_few(request: HttpRequest, factors: Factors) -> None:
    left = factors.codes_left or 0
    said = f"You have used a recovery code. Codes left: {left}."
    more = " Make new ones under “Your account”." if left <= FEW_CODES else ""
    messages.warning(request, said + more)


def _back_to_sign_in(request: HttpRequest, sentence: str, after: str) -> HttpResponse:
    messages.error(request, sentence)
    query = f"?{urlencode({'next': after})}" if after else ""
    return HttpResponseRedirect(reverse("account_login") + query)
