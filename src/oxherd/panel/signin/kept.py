"""What was sent when a proof was asked for, kept while somebody proves elsewhere who they are."""

import json
import time
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from oxherd import sealing
from oxherd.panel.actor import PanelRequest

KEPT = "sent_before_proof"


def keep(request: PanelRequest, sent: Sequence[tuple[str, str]]) -> str:
    """The page from which it goes on. Passwords may be among it, so that it is sealed; the newest alone is kept."""
    form = json.dumps({"action": request.get_full_path(), "sent": sent})
    request.session[KEPT] = {"sealed": sealing.seal(form), "at": time.time()}
    return reverse("own_confirmed")


def forget(request: PanelRequest) -> None:
    """What was kept has been sent, or something else has."""
    request.session.pop(KEPT, None)


@never_cache
@require_GET
def go_on(request: PanelRequest) -> HttpResponse:
    """A form that sends it once more, now that the proof is there; what has lain too long is not shown."""
    form = request.session.get(KEPT)
    if form is None or time.time() - form["at"] > settings.PROOF_SECONDS:
        return HttpResponseRedirect(reverse("own_account"))
    context = {**json.loads(sealing.unseal(form["sealed"])), "page_title": "It is you"}
    return render(request, "panel/signin/confirmed.html", context)
