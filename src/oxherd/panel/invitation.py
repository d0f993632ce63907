"""Where the link of an invitation leads: anybody may come, and nothing is told but to those who have a good link.

What stands in the link is exchanged at once for a signed cookie that holds its hash. So it is in no page's address, in
no Referer, and in no page of errors.
"""

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.models import Administrator
from oxherd.accounts.passwords import is_not_leaked
from oxherd.administrators import invitations
from oxherd.administrators.models import Invitation
from oxherd.errors import Refused
from oxherd.panel.forms.invitation import AcceptForm
from oxherd.panel.forms.refusals import show as show_at

COOKIE = "oxherd_invitation"
COOKIE_SECONDS = 3600
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@never_cache
@require_GET
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the hash and go on. No database is asked here, so that nothing can fail with the link in the address."""
    answer = redirect("invitation")
    answer.set_signed_cookie(
        COOKIE,
        invitations.digest_of(token),
        salt=COOKIE,
        max_age=COOKIE_SECONDS,
        path=reverse("invitation"),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Set name and password and be signed in; whoever is an administrator already signs in and takes the role up."""
    digest = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_SECONDS) or ""
    try:
        invitation = invitations.by_digest(digest)
    except Refused as refused:
        return render(request, "panel/invitation/closed.html", {"sentence": refused.sentence}, status=410)
    if Administrator.objects.filter(email=invitation.email).exists():
        return _further_role(request, invitation)
    form = AcceptForm(invitation, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (administrator := _accept(request, form, digest)):
        login(request, administrator, backend=BACKEND)
        record_authentication(request, administrator, method="password")
        return _welcome(request)
    context = {"invitation": invitation, "form": form, "policy": form.policy}
    return render(request, "panel/invitation/accept.html", context, status=422 if form.errors else 200)


def _accept(request: HttpRequest, form: AcceptForm, digest: str) -> Administrator | None:
    try:
        is_not_leaked(form.cleaned_data["password"], policy=form.policy)
        return invitations.accept(
            digest=digest,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            request_id=_request_id(request),
        )
    except Refused as refused:
        show_at(form, refused)
        return None


def _further_role(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """For an address that can sign in already."""
    user = request.user
    is_same = isinstance(user, Administrator) and user.email == invitation.email
    if request.method == "POST" and isinstance(user, Administrator) and is_same:
        try:
            invitations.accept_as(administrator=user, digest=invitation.digest, request_id=_request_id(request))
        except Refused as refused:
            return render(request, "panel/invitation/closed.html", {"sentence": refused.sentence}, status=410)
        return _welcome(request)
    return render(request, "panel/invitation/further.html", {"invitation": invitation, "is_same": is_same})


def _welcome(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Welcome. You have accepted the invitation.")
    answer = redirect("home")
    answer.delete_cookie(COOKIE, path=reverse("invitation"))
    return answer


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
