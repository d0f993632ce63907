"""The customers somebody may see, and the way to one of them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from oxherd import keyset
from oxherd.adoption.queries import brands_of
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.context import sees_many
from oxherd.tenants import queries

MOST_IN_SWITCHER = 12


@require_GET
def home(request: PanelRequest) -> HttpResponse:
    """After the sign-in: the customers, or the users of the only one."""
    if sees_many(request.actor):
        return redirect("customers")
    only = queries.for_actor(request.actor).first()
    if only is None:
        return render(request, "panel/customers/none.html")
    return redirect("users", only.pk)


@require_GET
def listed(request: PanelRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    found = queries.found(request.actor, text)

    def address(**cursor: str) -> str:
        kept = {"q": text} if text else {}
        query = urlencode(kept | cursor)
        return reverse("customers") + (f"?{query}" if query else "")

    page = paging.build(
        lambda cursor: keyset.page(
            found, order="folded_name", after=cursor.key if cursor else None, backwards=_backwards(cursor)
        ),
        paging.read(request.GET),
        keyset.counted(found),
        lambda tenant: (tenant.folded_name, tenant.pk),
        address,
    )
    context = {"page": page, "q": text, "may_adopt": bool(brands_of(request.actor))}
    return answers.page(
        request,
        "panel/customers/list.html",
        "panel/customers/rows.html",
        context,
        address=address(**paging.kept(request.GET)),
    )


@require_GET
def switcher(request: PanelRequest) -> HttpResponse:
    """The first few that match, for the switcher."""
    text = request.GET.get("q", "").strip()
    tenants, more = keyset.page(
        queries.found(request.actor, text), order="folded_name", after=None, size=MOST_IN_SWITCHER
    )
    return render(request, "panel/customers/switcher.html", {"tenants": tenants, "more": more})


def _backwards(cursor: paging.Cursor | None) -> bool:
    return bool(cursor and cursor.backwards)
