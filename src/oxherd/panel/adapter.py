"""What the sign-in package asks us about accounts: who may sign up, what is said, and what is written down."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from oxherd.accounts.models import Administrator
from oxherd.administrators import acting
from oxherd.panel import session_limits
from oxherd.panel.actor import ACTING
from oxherd.panel.single_sign_on.required import led_elsewhere
from oxherd.signin import records
from oxherd.signin.devices import device
from oxherd.signin.states import Proof

TYPES = {"webauthn": Proof.PASSKEY, "totp": Proof.APP, "recovery_codes": Proof.RECOVERY_CODE}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Administrators are added by other administrators; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "Address and password do not match.",
        "too_many_login_attempts": "Too many attempts. Wait a few minutes, then try again.",
    }

    def pre_login(self, request: HttpRequest, user: Administrator, **kwargs: Any) -> HttpResponse | None:
        """Whose identity provider is required is led there, whatever was proved here."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response or led_elsewhere(request, user, after=kwargs.get("redirect_url") or "")

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Where to go after the sign-in: paths of ours alone. What is no address at all is not safe either."""
        return bool(url_has_allowed_host_and_scheme(url, allowed_hosts=None))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whoever has come past the proxies is told apart by the connection, and is no fault of ours."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            return str(request.META["REMOTE_ADDR"])

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password; for an address that nobody has, nothing is written."""
        failed(request, Administrator.objects.filter(email=str(credentials.get("email", "")).lower()).first())

    def post_login(self, request: HttpRequest, user: Administrator, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        session_limits.begin(request)
        records.signed_in(user, by=proved(request, user), **circumstances(request))
        return response

    def logout(self, request: HttpRequest) -> None:
        """Only asked for where somebody is signed in. Who acts for somebody ends that too."""
        going_on = request.session.get(ACTING)
        if going_on is not None and isinstance(request.user, Administrator):
            request_id = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
            acting.end_of(going_on, request.user, why="Signed out.", request_id=request_id)
        here = circumstances(request)
        del here["device"]
        records.signed_out(request.user, **here)  # type: ignore[arg-type]  # an administrator
        super().logout(request)


def failed(request: HttpRequest, administrator: Administrator | None, at: Proof = Proof.PASSWORD) -> None:
    """Write down that somebody was refused who gave this administrator's address."""
    if administrator is not None:
        own = request.user == administrator
        records.sign_in_failed(administrator, at=at, signed_in=own, **circumstances(request))


def circumstances(request: HttpRequest) -> dict[str, str]:
    """From where a request comes, for the audit."""
    return {
        "ip": AccountAdapter(request).get_client_ip(request),
        "device": device(request.headers.get("User-Agent", "")),
        "request_id": request.request_id,  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
    }


def proved(request: HttpRequest, administrator: Administrator) -> list[Proof]:
    """What this session's person has proved, in its order."""
    proofs = []
    for entry in get_authentication_records(request, administrator):
        method, kind = entry.get("method"), str(entry.get("type", ""))
        proofs.append(Proof.PASSWORD if method == "password" else TYPES.get(kind, Proof.OTHER))
    return list(dict.fromkeys(proofs))
