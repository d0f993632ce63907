from typing import Any

import pytest
from tests.cast import PASSWORD, Cast
from tests.pictures import picture

from oxherd.people import passwords
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.removal_commands import delete_user
from oxherd.people.states import UserStatus
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import JobState, SubjectKind
from oxherd.tenants.models import Tenant

HTMX = {"HX-Request": "true"}
BUTTONS = ("person", "photo", "password", "remove", "retry")


def url_of(user, rest=""):
    return f"/t/{user.tenant_id}/users/{user.pk}/{rest}"


def fail(user, sentence="OX refuses this name."):
    """As the worker leaves it after a refusal."""
    account = OxAccount.objects.get(user=user)
    jobs = SyncJob.objects.filter(subject_kind=SubjectKind.ACCOUNT, subject_id=account.pk)
    jobs.update(state=JobState.REFUSED, sentence=sentence)
    ServiceUser.objects.filter(pk=user.pk).update(status=UserStatus.ERROR)


def buttons(cast, who, user):
    content = cast.client(getattr(cast, who)).get(url_of(user)).content.decode()
    return [button for button in BUTTONS if f'="{url_of(user, button)}/"' in content]


def test_each_role_sees_the_buttons_it_may_press(cast: Cast) -> None:
    user = cast.user(ox=True)
    fail(user)
    assert {who: buttons(cast, who, user) for who in ("alice", "bob", "dora", "rita")} == {
        "alice": ["person", "photo", "password", "remove", "retry"],
        "bob": ["person", "photo", "password", "remove", "retry"],
        "dora": ["password", "retry"],
        "rita": [],
    }


@pytest.mark.parametrize("rest", ["", "status/", "person/", "photo/", "password/", "remove/"])
def test_a_stranger_finds_no_user_by_either_tenant(cast: Cast, rest: str) -> None:
    user = cast.user(ox=True)
    client = cast.client(cast.charlie)
    assert client.get(url_of(user, rest)).status_code == 404
    assert client.get(url_of(user, rest).replace(f"/t/{cast.acme.pk}/", f"/t/{cast.globex.pk}/")).status_code == 404


@pytest.mark.parametrize("rest", ["retry/", "person/", "photo/", "password/", "password/strength/", "remove/"])
def test_a_stranger_and_a_reader_change_nothing(cast: Cast, rest: str) -> None:
    user = cast.user(ox=True)
    fail(user)
    posted = {"password": "a very long password", "confirm": "a very long password", "display_name": "X"}
    assert cast.client(cast.charlie).post(url_of(user, rest), posted).status_code == 404
    assert cast.client(cast.rita).post(url_of(user, rest), posted).status_code == 403
    same = ServiceUser.objects.get(pk=user.pk)
    assert (same.display_name, same.password_hash) == (user.display_name, user.password_hash)


def test_the_page_costs_the_same_queries_however_much_happened(cast: Cast, django_assert_num_queries) -> None:
    user = cast.user(ox=True, photo=picture("JPEG"))
    client = cast.client(cast.bob)
    # Session, administrator, roles; tenant; user, addresses; jobs; history, undone; photo; groups, resources;
    # outage, the tenant's job.
    with django_assert_num_queries(15):
        client.get(url_of(user))
    for number in range(12):
        client.post(url_of(user, "person/"), person(user, surname=f"Becker {number}"))
    with django_assert_num_queries(17):  # account and aliases as they are, since there is something to undo
        client.get(url_of(user))


def test_the_error_shows_its_cause_and_retry_starts_over_once(cast: Cast) -> None:
    user = cast.user(ox=True)
    fail(user)
    client = cast.client(cast.dora)
    assert "OX refuses this name." in client.get(url_of(user)).content.decode()
    first = client.post(url_of(user, "retry/"), headers=HTMX)
    second = client.post(url_of(user, "retry/"), headers=HTMX)
    assert (first.status_code, second.status_code) == (200, 200)
    account = SyncJob.objects.filter(subject_kind=SubjectKind.ACCOUNT)
    assert [job.state for job in account.order_by("id")] == [JobState.REFUSED, JobState.WAITING]


def test_the_status_is_asked_for_while_in_progress_and_no_longer_when_done(cast: Cast) -> None:
    user = cast.user(ox=True)
    client = cast.client(cast.rita)
    asking = f'hx-get="{url_of(user, "status/")}"'
    assert asking in client.get(url_of(user)).content.decode()
    ServiceUser.objects.filter(pk=user.pk).update(status=UserStatus.ENABLED)
    settled = client.get(url_of(user, "status/"), headers=HTMX).content.decode()
    assert (asking in settled, "Enabled" in settled) == (False, True)


def test_the_status_of_a_user_who_is_gone_leads_back_to_the_list(cast: Cast) -> None:
    user = cast.user()
    url = url_of(user, "status/")
    user.delete()
    answer = cast.client(cast.bob).get(url, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/t/{cast.acme.pk}/users/"


def person(user, **changed):
    fields = ("display_name", "given_name", "surname", "language", "time_zone")
    return {field: getattr(user, field) for field in fields} | changed


def test_the_person_is_changed_and_the_history_tells_it(cast: Cast) -> None:
    user = cast.user()
    client = cast.client(cast.bob)
    answer = client.post(url_of(user, "person/"), person(user, surname="Bauer", time_zone="Europe/Paris"), headers=HTMX)
    assert answer.headers["HX-Redirect"] == url_of(user)
    newest = client.get(url_of(user)).context["history"][0]
    assert (newest.what, newest.who) == ("Service user changed", "Bob")
    assert [(change.label, change.before, change.after) for change in newest.changes] == [
        ("Surname", "Becker", "Bauer"),
        ("Time zone", "Europe/Berlin", "Europe/Paris"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("display_name", " ", "Enter a display name."),
        ("given_name", "x" * 101, "This is longer than 100 characters."),
        ("time_zone", "Europe/Nowhere", "There is no time zone Europe/Nowhere. Enter one such as Europe/Berlin."),
        ("language", "xx", "This is not offered, or no longer. Choose one from the list."),
    ],
)
def test_what_cannot_be_saved_is_said_at_the_field_and_stays_typed(cast: Cast, field, value, sentence) -> None:
    user = cast.user()
    answer = cast.client(cast.bob).post(url_of(user, "person/"), person(user, **{field: value}), headers=HTMX)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [sentence]}
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert ServiceUser.objects.get(pk=user.pk).surname == "Becker"


def test_a_display_name_that_ox_has_already_is_refused_at_its_field(cast: Cast) -> None:
    cast.user("Anna Becker", ox=True)
    user = cast.user("Zoe Zander", ox=True)
    answer = cast.client(cast.bob).post(url_of(user, "person/"), person(user, display_name="ANNA Becker"), headers=HTMX)
    assert list(answer.context["form"].errors) == ["display_name"]


def upload(client, user, name, content):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post(url_of(user, "photo/"), {"photo": SimpleUploadedFile(name, content)}, headers=HTMX)


def test_the_photo_is_changed_and_removed(cast: Cast) -> None:
    user = cast.user()
    client = cast.client(cast.bob)
    assert upload(client, user, "me.jpg", picture("JPEG")).headers["HX-Redirect"] == url_of(user)
    assert Photo.objects.filter(user=user).count() == 1
    client.post(url_of(user, "photo/"), {"do": "remove"})
    assert Photo.objects.filter(user=user).count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"hello", "This is not a picture. Choose a JPEG, PNG, WebP or HEIC file."),
        (b"\xff\xd8" * (5 * 1024 * 1024 + 1), "The picture is larger than 10 MB. Choose a smaller one."),
        (b"", "The submitted file is empty."),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(cast: Cast, content: bytes, sentence: str) -> None:
    user = cast.user()
    answer = upload(cast.client(cast.bob), user, "me.jpg", content)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"photo": [sentence]})
    assert Photo.objects.count() == 0


def test_the_help_desk_sets_a_password(cast: Cast) -> None:
    user = cast.user()
    typed = {"password": "another horse, another battery", "confirm": "another horse, another battery"}
    answer = cast.client(cast.dora).post(url_of(user, "password/"), typed, headers=HTMX)
    assert answer.headers["HX-Redirect"] == url_of(user)
    assert passwords.verifies(ServiceUser.objects.get(pk=user.pk).password_hash, typed["password"])


def test_a_generated_password_is_shown_this_once(cast: Cast) -> None:
    user = cast.user()
    client = cast.client(cast.dora)
    answer = client.post(url_of(user, "password/"), {"generate": "yes"}, headers=HTMX)
    shown = answer.context["generated"]
    assert f">{shown}</output>" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert passwords.verifies(ServiceUser.objects.get(pk=user.pk).password_hash, shown)
    assert shown not in client.get(url_of(user)).content.decode()


@pytest.mark.parametrize(
    ("password", "confirm", "field", "sentence"),
    [
        ("short", "short", "password", "The password is too short: 10 characters at least."),
        ("annabecker", "annabecker", "password", "The password is easy to guess. Add some words or generate one."),
        (PASSWORD, "other", "confirm", "The two passwords differ. Enter the same one twice."),
    ],
)
def test_a_bad_password_is_refused_and_never_sent_back(cast: Cast, password, confirm, field, sentence) -> None:
    user = cast.user()
    answer = cast.client(cast.bob).post(
        url_of(user, "password/"), {"password": password, "confirm": confirm}, headers=HTMX
    )
    assert (answer.status_code, answer.context["form"].errors) == (422, {field: [sentence]})
    assert f'value="{password}"' not in answer.content.decode()


def test_the_strength_of_a_password_is_weighed_while_it_is_typed(cast: Cast) -> None:
    user = cast.user()
    answer = cast.client(cast.dora).post(url_of(user, "password/strength/"), {"password": PASSWORD}, headers=HTMX)
    assert (answer.context["score"], answer.context["word"]) == (4, "Strong")


def test_without_a_net_a_user_with_ox_goes_after_the_name_was_typed(cast: Cast, settings: Any) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    user = cast.user(ox=True)
    client = cast.client(cast.bob)
    refused = client.post(url_of(user, "remove/"), {"typed": "Anna"}, headers=HTMX)
    assert (refused.status_code, refused.context["form"].errors) == (422, {"typed": ["Type Anna Becker to confirm."]})
    done = client.post(url_of(user, "remove/"), {"typed": "anna  becker"}, headers=HTMX)
    assert done.headers["HX-Redirect"] == f"/t/{cast.acme.pk}/users/"
    page = client.get(url_of(user)).content.decode()
    assert ("Anna Becker is being deleted." in page, "Set password" in page) == (True, False)
    again = client.post(url_of(user, "remove/"), {"typed": "Anna Becker"})
    assert again.status_code == 422


def test_without_a_net_a_user_without_ox_goes_after_one_question(cast: Cast, settings: Any) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    user = cast.user()
    assert cast.client(cast.bob).post(url_of(user, "remove/")).url == f"/t/{cast.acme.pk}/users/"
    assert ServiceUser.objects.count() == 0


def test_every_dialog_is_a_page_where_there_is_no_script(cast: Cast) -> None:
    user = cast.user(ox=True)
    client = cast.client(cast.bob)
    for rest in ("person/", "photo/", "password/", "remove/"):
        page = client.get(url_of(user, rest)).content.decode()
        action = f"/t/{cast.acme.pk}/users/remove/" if rest == "remove/" else url_of(user, rest)
        assert ("<html" in page, f'action="{action}"' in page) == (True, True)


def test_changing_somebody_who_left_meanwhile_is_said_above_the_form(cast: Cast) -> None:
    user = cast.user(ox=True)
    client = cast.client(cast.bob)
    delete_user(actor=cast.system, user=user)
    answer = client.post(url_of(user, "person/"), person(user, surname="X"), headers=HTMX)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["Anna Becker is being deleted and takes no more changes."]


def test_a_tenant_out_of_order_is_told_at_the_top(cast: Cast) -> None:
    user = cast.user()
    SyncJob.objects.filter(subject_kind=SubjectKind.TENANT).update(state=JobState.REFUSED, sentence="OX has no room.")
    client = cast.client(cast.dora)
    assert "OX has no room." in client.get(url_of(user)).content.decode()
    client.post(f"/t/{cast.acme.pk}/retry/", headers=HTMX)
    assert "is being set up in OX" in client.get(url_of(user)).content.decode()
    Tenant.objects.filter(pk=cast.acme.pk).update(is_provisioned=True, state="suspended")
    assert "is suspended" in client.get(url_of(user)).content.decode()


def test_who_saves_second_is_told_and_undoes_nothing_unawares(cast: Cast) -> None:
    user = cast.user()
    client = cast.client(cast.bob)
    seen = client.get(url_of(user, "person/"), headers=HTMX).context["form"].seen
    client.post(url_of(user, "person/"), person(user, surname="Bauer", seen=seen), headers=HTMX)
    late = client.post(url_of(user, "person/"), person(user, display_name="Anna B.", seen=seen), headers=HTMX)
    assert late.status_code == 422
    told = "This user was changed meanwhile. Stored now: Display name Anna Becker, Surname Bauer. "
    assert late.context["form"].non_field_errors() == [told + "Save again to replace it by what stands here."]
    assert ServiceUser.objects.get(pk=user.pk).display_name == "Anna Becker"
    again = person(user, display_name="Anna B.", seen=late.context["form"].seen)
    assert client.post(url_of(user, "person/"), again, headers=HTMX).headers["HX-Redirect"] == url_of(user)
    assert ServiceUser.objects.get(pk=user.pk).display_name == "Anna B."


def test_no_page_of_somebody_signed_in_is_kept_by_the_browser(cast: Cast) -> None:
    user = cast.user()
    client = cast.client(cast.bob)
    paths = (url_of(user), f"/t/{cast.acme.pk}/users/", f"/t/{cast.acme.pk}/ox/users/")
    assert [client.get(path).headers["Cache-Control"] for path in paths] == ["no-store"] * 3
