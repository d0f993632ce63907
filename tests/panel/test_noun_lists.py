"""The lists of groups and of resources, which are one and the same with other columns."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.messages import get_messages
from tests.cast import Cast

from oxherd.groups.models import Group
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource

HTMX = {"HX-Request": "true"}


@dataclass
class Stage:
    cast: Cast
    word: str

    @property
    def model(self) -> Any:
        return Group if self.word == "group" else Resource

    def url(self, path: str = "") -> str:
        return f"/t/{self.cast.acme.pk}/ox/{self.word}s/{path}"

    def add(self, name: str, status: str = "in_ox", sentence: str = "") -> Any:
        made = getattr(self.cast, self.word)(name)
        self.model.objects.filter(pk=made.pk).update(status=status)
        if status != "in_progress":
            state = "refused" if sentence else "done"
            SyncJob.objects.filter(subject_kind=self.word, subject_id=made.pk).update(state=state, sentence=sentence)
        return made


@pytest.fixture(params=["group", "resource"])
def stage(request: pytest.FixtureRequest, cast: Cast) -> Stage:
    return Stage(cast, request.param)


def names(answer) -> list[str]:
    return re.findall(r'class="person-name"[^>]*>([^<]*)<', answer.content.decode())


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_the_list_shows_what_there_is_with_its_state_and_cause(stage: Stage) -> None:
    stage.add("Sales")
    stage.add("Marketing", "error", "OX does not take this name.")
    answer = stage.cast.client(stage.cast.bob).get(stage.url())
    assert names(answer) == ["Marketing", "Sales"]
    page = answer.content.decode()
    assert re.findall(r'<div class="cause">(.*?)</div>', page) == ["OX does not take this name."]
    assert re.findall(r'aria-label="Retry ([^"]*)"', page) == ["Marketing"]
    assert page.count("In OX") == 2  # the filter and one row


def test_it_is_searched_filtered_and_sorted_by_its_address(stage: Stage) -> None:
    stage.add("Sales")
    stage.add("Blue room", "error", "No.")
    client = stage.cast.client(stage.cast.rita)
    assert names(client.get(stage.url("?q=blu"))) == ["Blue room"]
    assert names(client.get(stage.url("?status=in_ox"))) == ["Sales"]
    assert names(client.get(stage.url("?sort=newest"))) == ["Blue room", "Sales"]
    assert names(client.get(stage.url("?status=x&sort=x&q=%00"))) == ["Blue room", "Sales"]
    part = client.get(stage.url("?q=sal&status="), headers=HTMX)
    assert part.headers["HX-Push-Url"] == stage.url("?q=sal")
    assert "<html" not in part.content.decode()
    assert "found" in client.get(stage.url("?q=zzz")).content.decode()


def test_an_empty_list_says_what_to_do(stage: Stage) -> None:
    page = stage.cast.client(stage.cast.bob).get(stage.url()).content.decode()
    assert f"No {stage.word}s yet" in page
    assert f"Add new {stage.word}" in page


@pytest.mark.parametrize("path", ["", "progress/?ids=1", "remove/?group=1&resource=1", "add/", "1/", "1/status/"])
def test_a_stranger_finds_nothing(stage: Stage, path: str) -> None:
    stage.add("Sales")
    assert stage.cast.client(stage.cast.charlie).get(stage.url(path)).status_code == 404


def test_all_roles_read_and_only_administrators_add_and_delete(stage: Stage) -> None:
    stage.add("Sales")
    pages = {who: stage.cast.client(getattr(stage.cast, who)).get(stage.url()) for who in ("bob", "dora", "rita")}
    text = {who: page.content.decode() for who, page in pages.items()}
    assert {who: f"Add new {stage.word}" in page for who, page in text.items()} == {
        "bob": True,
        "dora": False,
        "rita": False,
    }
    assert {who: "data-select-all" in page for who, page in text.items()} == {"bob": True, "dora": True, "rita": False}
    deletes = "Delete selected groups" if stage.word == "group" else "Delete resources"
    assert [who for who, page in text.items() if deletes in page] == ["bob"]


def test_pages_cost_the_same_queries_however_much_there_is(stage: Stage, django_assert_num_queries) -> None:
    for number in range(3):
        stage.add(f"Three {number}")
    client = stage.cast.client(stage.cast.bob)
    # Session, administrator, roles; tenant; rows, count; outage, the tenant's job; open requests; for groups more.
    queries = 11 if stage.word == "group" else 9
    with django_assert_num_queries(queries):
        assert len(names(client.get(stage.url()))) == 3
    for number in range(50):
        stage.add(f"Fifty {number:02}")
    with django_assert_num_queries(queries):
        first = client.get(stage.url())
    assert (len(names(first)), first.context["page"].range) == (50, "1\u201350 of 53")
    second = client.get(first.context["page"].next_url)
    assert names(second) == ["Three 0", "Three 1", "Three 2"]


def test_rows_in_progress_are_asked_for_until_none_is_left(stage: Stage) -> None:
    sales, gone = stage.add("Sales", "in_progress"), stage.add("Gone", "in_progress")
    client = stage.cast.client(stage.cast.rita)
    assert f'hx-get="{stage.url("progress/")}?ids={gone.pk},{sales.pk}"' in client.get(stage.url()).content.decode()
    stage.model.objects.filter(pk=sales.pk).update(status="in_ox")
    stage.model.objects.filter(pk=gone.pk).delete()
    answer = client.get(stage.url(f"progress/?ids={gone.pk},{sales.pk},x,-1"), headers=HTMX).content.decode()
    assert "hx-trigger" not in answer
    assert f'id="status-{sales.pk}" hx-swap-oob="true"' in answer
    assert f'<tr id="row-{gone.pk}" hx-swap-oob="delete"></tr>' in answer


def test_several_are_deleted_at_once_after_the_effect_was_named(stage: Stage) -> None:
    made = [stage.add(name) for name in ("Sales", "Marketing", "Stays")]
    client = stage.cast.client(stage.cast.bob)
    ticked = {stage.word: [each.pk for each in made[:2]]}
    shown = client.get(stage.url("remove/"), ticked, headers=HTMX).content.decode()
    assert ("lose the rights" if stage.word == "group" else "lose their bookings") in shown
    assert stage.model.objects.filter(presence="present").count() == 3
    done = client.post(stage.url("remove/"), ticked, headers=HTMX)
    assert done.headers["HX-Redirect"] == stage.url()
    assert said(done) == [f"2 {stage.word}s were deleted."]
    assert names(client.get(stage.url())) == ["Stays"]
    assert SyncJob.objects.filter(subject_kind=stage.word, subject_id=made[0].pk, state="waiting").count() == 1
    again = client.post(stage.url("remove/"), ticked)
    assert again.status_code == 422


@pytest.mark.parametrize(("days", "told"), [(30, "for 30 days"), (1, "for 1 day"), (0, "This cannot be undone.")])
def test_the_dialog_says_for_how_long_it_can_be_undone(stage: Stage, settings, days: int, told: str) -> None:
    settings.KEEP_REMOVED_DAYS = days
    ticked = {stage.word: stage.add("Sales").pk}
    assert told in stage.cast.client(stage.cast.bob).get(stage.url("remove/"), ticked).content.decode()


@pytest.mark.parametrize(("who", "status"), [("dora", 403), ("rita", 403), ("charlie", 404)])
def test_nobody_else_deletes(stage: Stage, who: str, status: int) -> None:
    made = stage.add("Sales")
    answer = stage.cast.client(getattr(stage.cast, who)).post(stage.url("remove/"), {stage.word: made.pk})
    assert answer.status_code == status
    assert stage.model.objects.filter(presence="present").count() == 1


def test_what_failed_is_tried_again_and_what_did_not_is_named(stage: Stage) -> None:
    bad, good = stage.add("Bad", "error", "No."), stage.add("Good")
    client = stage.cast.client(stage.cast.dora)
    came = {**HTMX, "HX-Current-URL": f"http://testserver{stage.url('?q=b')}"}
    done = client.post(stage.url("retry/"), {stage.word: [bad.pk, good.pk]}, headers=came)
    assert done.headers["HX-Redirect"] == stage.url("?q=b")
    assert said(done) == ["OX is being tried again for Bad.", "Good: There is nothing to try again."]
    assert stage.model.objects.get(pk=bad.pk).status == "in_progress"
    assert client.post(stage.url("retry/"), {}).status_code == 422
    assert stage.cast.client(stage.cast.rita).post(stage.url("retry/"), {stage.word: bad.pk}).status_code == 403


def test_the_page_of_one_follows_its_state_and_leaves_with_it(stage: Stage) -> None:
    made = stage.add("Sales", "in_progress")
    client = stage.cast.client(stage.cast.rita)
    status = stage.url(f"{made.pk}/status/")
    assert f'hx-get="{status}"' in client.get(stage.url(f"{made.pk}/")).content.decode()
    stage.model.objects.filter(pk=made.pk).update(status="error")
    SyncJob.objects.update(state="refused", sentence="OX said why.")
    answer = client.get(status, headers=HTMX).content.decode()
    assert ("hx-get" in answer, "OX said why." in answer, "Retry" in answer) == (False, True, False)
    assert 'id="state" hx-swap-oob="true"' in answer
    made.delete()
    assert client.get(status, headers=HTMX).headers["HX-Redirect"] == stage.url()
    assert client.get(status).status_code == 404


def test_what_was_removed_has_no_page_any_more(stage: Stage) -> None:
    made = stage.add("Sales")
    stage.model.objects.filter(pk=made.pk).update(presence="removed")
    assert stage.cast.client(stage.cast.bob).get(stage.url(f"{made.pk}/")).status_code == 404


def test_what_is_leaving_takes_no_more_changes(stage: Stage) -> None:
    made = stage.add("Sales", "in_progress")
    stage.model.objects.filter(pk=made.pk).update(presence="leaving")
    client = stage.cast.client(stage.cast.bob)
    page = client.get(stage.url(f"{made.pk}/")).content.decode()
    assert ("Sales is being deleted" in page, 'id="save"' in page, "Save resource" in page) == (True, False, False)
    fields = {"do": "save", "display_name": "Other", "address": "x", "domain": "acme.test"}
    assert client.post(stage.url(f"{made.pk}/"), fields).status_code == 422
    assert stage.model.objects.get(pk=made.pk).display_name == "Sales"


def test_system_groups_are_shown_and_cannot_be_changed(cast: Cast) -> None:
    client = cast.client(cast.bob)
    page = client.get(f"/t/{cast.acme.pk}/ox/groups/").content.decode()
    assert [name in page for name in ("All users", "Everybody", "All guests", "OX id 0", "OX id 1")] == [True] * 5
    assert "System groups" not in client.get(f"/t/{cast.acme.pk}/ox/groups/?q=x").content.decode()
