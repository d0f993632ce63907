"""Recovery codes: shown when they are made, and never again."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.signin.person import administrator_of, dialog
from oxherd.signin import factor_commands as commands
from oxherd.signin.queries import factors_of

GROUP = 4
FILE_HEAD = "Recovery codes for oxherd. Each works once, in place of your passkey or authenticator app."


@never_cache
@require_http_methods(["GET", "POST"])
def renew(request: PanelRequest) -> HttpResponse:
    administrator = administrator_of(request)
    context = {"factors": factors_of(administrator), "refused": ""}
    if request.method == "POST":
        try:
            codes = commands.renew_codes(actor=request.actor, administrator=administrator)
        except Refused as refused:
            return dialog(request, "codes_renew", context | {"refused": refused.sentence}, status=422)
        return shown_once(request, codes)
    return dialog(request, "codes_renew", context)


def shown_once(request: PanelRequest, codes: list[str]) -> HttpResponse:
    """The codes in the answer itself, and nowhere else; without new codes, back to the account."""
    if not codes:
        return answers.done(request, reverse("own_account"))
    written = [f"{code[:GROUP]}-{code[GROUP:]}" for code in codes]
    file = "\r\n".join([FILE_HEAD, "", *written, ""])
    list(messages.get_messages(request))  # what was added is told here
    context = {"codes": written, "file": file, "page_title": "Recovery codes"}
    response = answers.dialog(request, "panel/signin/codes.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
