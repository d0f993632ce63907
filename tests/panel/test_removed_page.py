"""The page Recently removed: what is there, restoring with and without conflicts, and deleting for good."""

import re

import pytest
from tests.cast import Cast

from oxherd.groups.commands import remove_group
from oxherd.groups.models import Group
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases
from oxherd.people.removal_commands import remove_user
from oxherd.tenants.commands import change_tenant

HTMX = {"HX-Request": "true"}


def url(cast: Cast, rest: str = "") -> str:
    return f"/t/{cast.acme.pk}/removed/{rest}"


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """Somebody whom Bob has removed."""
    anna = cast.user(login="anna", ox=True, aliases=("info@acme.test",))
    remove_user(actor=cast.actor(cast.bob), user=anna)
    return anna


def names(page: object) -> list[str]:
    return re.findall(r'class="person-name"[^>]*>([^<]+)<', page.content.decode())  # type: ignore[attr-defined]


def test_the_list_tells_what_was_removed_by_whom_and_for_how_long_it_stays(cast: Cast, anna: ServiceUser) -> None:
    group = cast.group("Sales")
    remove_group(actor=cast.actor(cast.alice), group=group)
    page = cast.client(cast.bob).get(url(cast))
    assert names(page) == ["Sales", "Anna Becker"]
    text = " ".join(page.content.decode().split())
    told = ("in 30 days", '<td class="cell-wide break">Bob</td>', "anna@acme.test")
    assert [words for words in told if words not in text] == []
    assert names(cast.client(cast.bob).get(url(cast, "?kind=group"))) == ["Sales"]
    assert names(cast.client(cast.bob).get(url(cast, "?kind=nonsense"))) == ["Sales", "Anna Becker"]


def test_an_empty_list_says_what_it_is_for(cast: Cast) -> None:
    page = cast.client(cast.bob).get(url(cast)).content.decode()
    assert ("Nothing was removed" in page, "so that a mistake can be mended" in page) == (True, True)
    assert "None of these" in cast.client(cast.bob).get(url(cast, "?kind=group")).content.decode()


def test_the_list_costs_the_same_queries_however_many_there_are(cast: Cast, django_assert_num_queries) -> None:
    client = cast.client(cast.bob)
    for number in range(2):
        for each in range(1 + 4 * number):
            remove_user(actor=cast.system, user=cast.user(f"User {number} {each}"))
        # Session, administrator, roles; tenant; a count and a page of each kind; outage, the tenant's job.
        with django_assert_num_queries(14):
            client.get(url(cast))


def test_pages_go_on_where_the_last_ended(cast: Cast) -> None:
    from oxherd.panel import paging

    for number in range(paging.SIZE + 2):
        remove_user(actor=cast.system, user=cast.user(f"User {number:02}"))
    client = cast.client(cast.bob)
    first = client.get(url(cast))
    assert len(names(first)) == paging.SIZE
    second = client.get(first.context["page"].next_url)
    assert names(second) == ["User 01", "User 00"]
    assert names(client.get(second.context["page"].previous_url)) == names(first)


def test_one_is_restored_at_once(cast: Cast, anna: ServiceUser) -> None:
    client = cast.client(cast.bob)
    done = client.post(url(cast, "restore/"), {"item": f"user:{anna.pk}"}, headers=HTMX)
    assert done.headers["HX-Redirect"] == url(cast)
    page = client.get(url(cast)).content.decode()
    assert ("Anna Becker was restored." in page, "Nothing was removed" in page) == (True, True)
    assert ServiceUser.objects.get().presence == "present"
    again = client.post(url(cast, "restore/"), {"item": f"user:{anna.pk}"})
    assert again.status_code == 422


def test_each_conflict_is_resolved_at_its_field(cast: Cast, anna: ServiceUser) -> None:
    change_tenant(actor=cast.system, tenant=cast.acme, seats={cast.groupware: 1})
    cast.user("Anna Becker", login="other", ox=True, aliases=("anna@acme.test", "info@acme.test"))
    client, item = cast.client(cast.bob), f"user:{anna.pk}"
    dialog = client.post(url(cast, "restore/"), {"item": item}, headers=HTMX)
    text = dialog.content.decode()
    assert dialog.status_code == 200
    for sentence in (
        "anna@acme.test is an alias of Anna Becker now.",
        "The only seat of the profile Groupware is taken.",
        "Another user of this customer has this display name",
        "Left out: info@acme.test.",
    ):
        assert sentence in text
    form = f"user-{anna.pk}-"
    bad = {"item": item, "do": "restore", f"{form}login": "other", f"{form}login_domain": "acme.test"}
    bad |= {f"{form}display_name": "", f"{form}profile": cast.groupware.pk}
    answer = client.post(url(cast, "restore/"), bad, headers=HTMX)
    (mending,) = answer.context["forms"]
    assert answer.status_code == 422
    assert set(mending.errors) == {"display_name", "profile"}
    bad |= {f"{form}display_name": "Anna B.", f"{form}profile": cast.mail.pk}
    answer = client.post(url(cast, "restore/"), bad, headers=HTMX)
    (mending,) = answer.context["forms"]
    assert mending.errors == {"login": ["The login other@acme.test is taken. Choose another."]}
    good = bad | {f"{form}login": "anna.b"}
    assert client.post(url(cast, "restore/"), good, headers=HTMX).headers["HX-Redirect"] == url(cast)
    account = OxAccount.objects.get(user=anna)
    assert (account.user.login, account.user.display_name, account.profile, account.aliases) == (
        *("anna.b@acme.test", "Anna B.", cast.mail, []),
    )


def test_of_several_those_without_conflict_come_back_and_the_others_are_asked_about(
    cast: Cast, anna: ServiceUser
) -> None:
    bert, group = cast.user("Bert Conrad", login="bert"), cast.group("Sales")
    remove_user(actor=cast.system, user=bert)
    remove_group(actor=cast.system, group=group)
    eve = cast.user("Eve Fox", login="eve", ox=True)
    change_aliases(actor=cast.system, user=eve, aliases=("anna@acme.test",))
    items = [f"user:{anna.pk}", f"user:{bert.pk}", f"group:{group.pk}"]
    client = cast.client(cast.bob)
    dialog = client.post(url(cast, "restore/"), {"item": items}, headers=HTMX)
    assert "data-changed" in dialog.content.decode()
    assert "2 entries were restored." in dialog.headers["HX-Trigger"]
    assert list(ServiceUser.objects.filter(presence="removed")) == [anna]
    assert Group.objects.get().presence == "present"
    assert [str(form.removed) for form in dialog.context["forms"]] == ["Anna Becker"]


def test_without_script_the_dialog_is_a_page(cast: Cast, anna: ServiceUser) -> None:
    client = cast.client(cast.bob)
    page = client.get(url(cast, f"restore/?item=user:{anna.pk}")).content.decode()
    assert ("<html" in page, "Restore Anna Becker" in page or "comes back as before" in page) == (True, True)
    done = client.post(url(cast, "restore/"), {"item": f"user:{anna.pk}", "do": "restore"})
    assert done.url == url(cast)
    assert ServiceUser.objects.get().presence == "present"


def test_for_good_after_the_effects_were_named_and_the_name_was_typed(cast: Cast, anna: ServiceUser) -> None:
    client, item = cast.client(cast.bob), {"item": f"user:{anna.pk}"}
    dialog = client.get(url(cast, "delete/"), item, headers=HTMX).content.decode()
    assert "OX deletes 1 account with all mail, calendar, contacts and files." in " ".join(dialog.split())
    refused = client.post(url(cast, "delete/"), item | {"typed": "Anna"}, headers=HTMX)
    assert (refused.status_code, refused.context["form"].errors) == (422, {"typed": ["Type Anna Becker to confirm."]})
    done = client.post(url(cast, "delete/"), item | {"typed": "anna becker"}, headers=HTMX)
    assert done.headers["HX-Redirect"] == url(cast)
    assert ServiceUser.objects.get().presence == "leaving"


def test_several_go_for_good_after_their_number_was_typed(cast: Cast, anna: ServiceUser) -> None:
    bert = cast.user("Bert Conrad")
    remove_user(actor=cast.system, user=bert)
    items = {"item": [f"user:{anna.pk}", f"user:{bert.pk}"]}
    assert cast.client(cast.bob).post(url(cast, "delete/"), items | {"typed": "1"}).status_code == 422
    cast.client(cast.bob).post(url(cast, "delete/"), items | {"typed": "2"})
    assert list(ServiceUser.objects.values_list("presence", flat=True)) == ["leaving"]


def test_the_page_of_a_removed_user_offers_both(cast: Cast, anna: ServiceUser) -> None:
    page = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/users/{anna.pk}/").content.decode()
    assert ("For 30 more days" in page, url(cast, "restore/") in page, url(cast, "delete/") in page) == (True,) * 3
    reader = cast.client(cast.rita).get(f"/t/{cast.acme.pk}/users/{anna.pk}/").content.decode()
    assert (url(cast, "restore/") in reader, "<strong>Anna Becker was deleted</strong>" in reader) == (False, True)


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_who_only_reads_sees_the_list_and_changes_nothing(cast: Cast, anna: ServiceUser, who: str) -> None:
    client = cast.client(getattr(cast, who))
    page = client.get(url(cast))
    assert (names(page), "Restore" in page.content.decode()) == (["Anna Becker"], False)
    for rest in ("restore/", "delete/"):
        for item in (f"user:{anna.pk}", "user:0"):
            assert client.post(url(cast, rest), {"item": item, "typed": "anna becker"}).status_code == 403
    assert ServiceUser.objects.get().presence == "removed"


def test_the_stranger_finds_nothing(cast: Cast, anna: ServiceUser) -> None:
    client = cast.client(cast.charlie)
    for rest in ("", f"restore/?item=user:{anna.pk}", f"delete/?item=user:{anna.pk}"):
        assert client.get(url(cast, rest)).status_code == 404
    own = f"/t/{cast.globex.pk}/removed/"
    assert names(client.get(own)) == []
    for rest in ("restore/", "delete/"):
        answer = client.post(own + rest, {"item": f"user:{anna.pk}", "typed": "anna becker"})
        assert answer.status_code == 422
    assert ServiceUser.objects.get().presence == "removed"


def test_an_undo_with_conflicts_leads_to_the_dialog(cast: Cast, anna: ServiceUser) -> None:
    eve = cast.user("Eve Fox", login="eve", ox=True)
    change_aliases(actor=cast.system, user=eve, aliases=("anna@acme.test",))
    answer = cast.client(cast.bob).post(f"/t/{cast.acme.pk}/undo/test/")
    assert answer.url == url(cast, f"restore/?item=user:{anna.pk}")
