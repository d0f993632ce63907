"""Add New Service User: form, summary, Finish. What was typed is kept in a draft; its key is in the address."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.domains.models import readable
from oxherd.domains.queries import of_tenant, taken
from oxherd.domains.rules import login_local_part
from oxherd.errors import NotYours, Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.aliases import as_data, rearrange
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.user import UserForm, typed
from oxherd.people import drafts, passwords
from oxherd.people.commands import NewUser
from oxherd.people.models import UserDraft
from oxherd.people.photos import LARGEST_UPLOAD
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered

# zxcvbn's scores in words; each has its own bar, so that colour is not the only sign.
STRENGTHS = ("Weak", "Weak", "Fair", "Good", "Strong")


@require_GET
def start(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """`?ox=1` comes from OX Service: the box is ticked, and the end leads back there."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    is_ours(tenant, request.actor, Mastered.USERS)
    domain = of_tenant(tenant).first()
    fields: dict[str, Any] = {
        "language": "en_US",
        "time_zone": "Europe/Berlin",
        "domain": domain.name if domain else "",
    }
    fields["primary_domain"] = fields["domain"]
    if request.GET.get("ox"):
        fields |= {"ox": "on", "from_ox": True}
    draft = drafts.start(actor=request.actor, tenant=tenant, fields=fields)
    return redirect("user_add_form", tenant_id, draft.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def form(request: PanelRequest, tenant_id: int, key: UUID) -> HttpResponse:
    """The first page. POST keeps what was typed in any case; `do` names a button other than Next."""
    tenant = tenants.one(request.actor, tenant_id)
    try:
        draft = drafts.load(request.actor, tenant, key)
    except NotYours as error:
        return _gone(request, tenant, error)
    if drafts.made(draft):
        return _to_list(draft)
    is_ours(tenant, request.actor, Mastered.USERS)
    if request.method == "GET":
        return _page(request, draft, _form(tenant, draft))
    drafts.save(draft, fields=draft.fields | typed(request.POST))
    if request.POST.get("do", "next") == "next":
        return _next(request, draft)
    return _without_script(request, draft)


@never_cache
@require_http_methods(["GET", "POST"])
def summary(request: PanelRequest, tenant_id: int, key: UUID) -> HttpResponse:
    """The second page; POST is Finish, and doing it again adds nobody else."""
    tenant = tenants.one(request.actor, tenant_id)
    try:
        draft = drafts.load(request.actor, tenant, key)
    except NotYours as error:
        return _gone(request, tenant, error)
    if drafts.made(draft):
        return _to_list(draft)
    is_ours(tenant, request.actor, Mastered.USERS)
    checked = _form(tenant, draft, complete=True)
    if not checked.is_valid() or not draft.sealed_password:
        return redirect("user_add_form", tenant_id, key)
    if request.method == "POST":
        return _finish(request, draft, checked)
    context = {"tenant": tenant, "draft": draft, "form": checked, "names": checked.names}
    return render(request, "panel/wizard/summary.html", context)


@require_POST
def discard(request: PanelRequest, tenant_id: int, key: UUID) -> HttpResponse:
    tenant = tenants.one(request.actor, tenant_id)
    try:
        draft = drafts.load(request.actor, tenant, key)
    except NotYours as error:
        return _gone(request, tenant, error)
    drafts.drop(draft)
    return redirect(_list_of(draft), tenant_id)


@never_cache
@require_http_methods(["GET", "POST"])
def photo(request: PanelRequest, tenant_id: int, key: UUID) -> HttpResponse:
    """GET: the picture as OX will get it. POST: take or remove one at once, and answer with the field."""
    tenant = tenants.one(request.actor, tenant_id)
    draft = drafts.load(request.actor, tenant, key)
    if request.method == "GET":
        if draft.photo is None:
            raise NotYours("There is no picture.")
        return HttpResponse(bytes(draft.photo), content_type="image/jpeg")
    shown = _form(tenant, draft)
    if request.POST.get("do") == "remove_photo":
        drafts.save_photo(draft, None)
    else:
        _take_photo(shown, draft, request.FILES.get("photo"))
    return render(request, "panel/wizard/photo.html", {"tenant": tenant, "draft": draft, "form": shown})


@require_GET
def login_hint(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Whether a login is free, while it is typed."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    return render(request, "panel/wizard/login_hint.html", _judged(tenant, request.GET))


@require_POST
def strength(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """How strong a password is, while it is typed."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    password = request.POST.get("password", "")
    about = (request.POST.get("display_name", ""), request.POST.get("login", ""))
    return render(request, "panel/user/strength.html", weighed(password, about))


@require_POST
def generate(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The password fields, filled in with a new password that is shown below."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    password = passwords.generate()
    return render(
        request, "panel/wizard/password.html", {"tenant": tenant, "generated": password, **weighed(password, ())}
    )


def weighed(password: str, about: tuple[str, ...]) -> dict[str, Any]:
    """Score (1 to 4, 0 for nothing typed) and word for the strength meter."""
    if not password:
        return {"score": 0, "word": ""}
    score = passwords.strength(password, about=about)
    if len(password) < passwords.SHORTEST:
        return {"score": 1, "word": f"Too short, {passwords.SHORTEST} characters at least"}
    return {"score": max(score, 1), "word": STRENGTHS[score]}


def _next(request: PanelRequest, draft: UserDraft) -> HttpResponse:
    checked = _form(draft.tenant, draft, complete=True)
    checked.is_valid()
    _take_password(checked, draft, request)
    _take_photo(checked, draft, request.FILES.get("photo"))
    if checked.errors:
        return _page(request, draft, checked)
    return redirect("user_add_summary", draft.tenant_id, draft.pk)


def _without_script(request: PanelRequest, draft: UserDraft) -> HttpResponse:
    """What the script does in place: generate a password, remove the photo, add or remove a row of aliases."""
    act, shown = request.POST["do"], _form(draft.tenant, draft)
    _take_photo(shown, draft, request.FILES.get("photo"))
    if act == "generate":
        password = passwords.generate()
        return _page(request, draft, shown, {"generated": password, **weighed(password, ())})
    _keep_if_good(draft, request)
    if act == "remove_photo":
        drafts.save_photo(draft, None)
    elif rearrange(shown.alias_rows, act):
        drafts.save(draft, fields=draft.fields | {"aliases": as_data(shown.alias_rows)})
    return _page(request, draft, shown)


def _finish(request: PanelRequest, draft: UserDraft, checked: UserForm) -> HttpResponse:
    def read(locked: UserDraft) -> NewUser:
        jpeg = bytes(locked.photo) if locked.photo is not None else None
        return checked.new_user(drafts.password_of(locked), jpeg)

    try:
        drafts.finish(actor=request.actor, tenant=draft.tenant, key=draft.pk, read=read)
    except Refused as refused:
        show(checked, refused)
        return _page(request, draft, checked)
    name = checked.cleaned_data["display_name"]
    done = f"{name} is being set up in OX." if checked.cleaned_data["ox"] else f"{name} was added."
    messages.success(request, done)
    return _to_list(draft)


def _page(
    request: PanelRequest, draft: UserDraft, shown: UserForm, extra: dict[str, Any] | None = None
) -> HttpResponse:
    context = {"tenant": draft.tenant, "draft": draft, "form": shown, **(extra or {})}
    return render(request, "panel/wizard/form.html", context, status=422 if shown.errors else 200)


def _form(tenant: Tenant, draft: UserDraft, *, complete: bool = False) -> UserForm:
    domains, seats = list(of_tenant(tenant)), list(tenants.seats_of(tenant))
    return UserForm(tenant, domains, seats, draft.fields, complete=complete)


def _take_password(checked: UserForm, draft: UserDraft, request: PanelRequest) -> None:
    """A good new password is kept; without one, that of the draft stays."""
    password, confirm = request.POST.get("password", ""), request.POST.get("confirm", "")
    if not password and not confirm and draft.sealed_password:
        return
    if checked.check_password(password, confirm):
        drafts.save_password(draft, password)


def _keep_if_good(draft: UserDraft, request: PanelRequest) -> None:
    """Another button than Next says nothing about passwords; a good one is kept, since the page forgets it."""
    password = request.POST.get("password", "")
    if password and password == request.POST.get("confirm"):
        with suppress(Refused):
            about = (request.POST.get("display_name", ""), request.POST.get("login", ""))
            passwords.is_good_enough(password, about=about)
            drafts.save_password(draft, password)


def _take_photo(shown: UserForm, draft: UserDraft, upload: "UploadedFile[bytes] | None") -> None:
    if upload is None:
        return
    try:
        # One byte more than allowed is enough to be refused.
        drafts.save_photo(draft, upload.read(LARGEST_UPLOAD + 1))
    except Refused as refused:
        show(shown, refused)


def _judged(tenant: Tenant, typed_in: QueryDict) -> dict[str, Any]:
    local = typed_in.get("login", "").strip()
    domain = of_tenant(tenant).filter(name=typed_in.get("domain", "")).first()
    if not local or domain is None:
        return {}
    try:
        stored = f"{login_local_part(local)}@{domain.name}"
    except Refused as refused:
        return {"hint": refused.sentence, "free": False, "icon": "alert-circle"}
    if taken([stored]):
        return {"hint": f"{readable(stored)} is taken", "free": False, "icon": "alert-circle"}
    return {"hint": f"{readable(stored)} is free", "free": True, "icon": "circle-check"}


def _list_of(draft: UserDraft) -> str:
    return "ox_users" if draft.fields.get("from_ox") else "users"


def _to_list(draft: UserDraft) -> HttpResponseRedirect:
    """The newest first: that is who was just added."""
    return redirect(reverse(_list_of(draft), args=[draft.tenant_id]) + "?sort=newest")


def _gone(request: PanelRequest, tenant: Tenant, error: NotYours) -> HttpResponse:
    return render(request, "panel/wizard/gone.html", {"tenant": tenant, "sentence": error.sentence}, status=404)
