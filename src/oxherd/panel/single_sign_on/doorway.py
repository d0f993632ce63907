"""The sign-in page: by password, or wherever the mail address leads."""

from typing import Any

from allauth.account.views import LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from oxherd.panel.single_sign_on.entrance import leave, safe
from oxherd.single_sign_on import queries


class SignInView(LoginView):  # type: ignore[misc]  # allauth has no types
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An address without a password is a question: where do I sign in?"""
        mail = request.POST.get("login", "")
        unsaid = "elsewhere" in request.POST or not request.POST.get("password")
        if unsaid and (row := queries.for_mail(mail)):
            return leave(request, row, after=safe(request.POST.get("next")), hint=mail)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"identity_providers": queries.buttons(), "row": queries.for_mail(self.request.POST.get("login", ""))}
        return {**super().get_context_data(**kwargs), **more}


@login_not_required
@never_cache
@require_GET
def where(request: HttpRequest) -> HttpResponse:
    """The part of the sign-in page that an address leads to."""
    row = queries.for_mail(request.GET.get("login", ""))
    return render(request, "panel/single_sign_on/where.html", {"row": row})
