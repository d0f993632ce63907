import re

from tests.panel.ox import said, settle

from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases


def url_of(user):
    return f"/t/{user.tenant_id}/users/{user.pk}/rename/"


def in_ox(user, ox_name=""):
    """As the worker leaves somebody who is in OX."""
    OxAccount.objects.filter(user=user).update(ox_id=7, ox_name=ox_name or user.login)
    return settle(user)


def typed(login="adler", **more):
    fields = {"login": login, "login_domain": "acme.test", "same": "on", "keep": "on"}
    return {**fields, "primary_address": "", "primary_domain": "acme.test", **more}


def preview(response):
    """What a person reads in the preview."""
    page = response.content.decode()
    inside = page[page.index('id="rename-preview"') :]
    inside = inside[inside.index(">") + 1 : inside.index("<footer")]
    return " ".join(re.sub(r"<[^>]*>", " ", inside).split())


def test_login_and_address_move_together_and_the_old_address_is_kept(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    form = bob.get(url_of(anna)).context["form"]
    assert [form[name].value() for name in ("login", "same", "keep")] == ["anna", True, True]
    done = bob.post(url_of(anna), typed())
    assert (done.url, said(done)) == (f"/t/{cast.acme.pk}/users/{anna.pk}/", ["Anna Becker was saved."])
    account = OxAccount.objects.get()
    assert (ServiceUser.objects.get().login, account.primary_address) == ("adler@acme.test", "adler@acme.test")
    assert account.aliases == ["anna@acme.test"]


def test_what_changes_and_what_stays_is_told_before(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    looked = bob.post(url_of(anna), typed(do="look"), headers={"HX-Request": "true"})
    assert preview(looked) == (
        "Login anna@acme.test → adler@acme.test Primary address anna@acme.test → adler@acme.test "
        "Old address anna@acme.test stays as an alias. "
        "In OX, Anna Becker goes on signing in as anna@acme.test : this platform does not change user names."
    )
    looked = bob.post(url_of(anna), typed(do="look", keep=""))
    assert "Old address Mail to anna@acme.test no longer arrives." in preview(looked)
    assert ServiceUser.objects.get().login == "anna@acme.test"


def test_where_the_platform_changes_names_nothing_stays_behind(cast, bob):
    change_brand(actor=cast.system, brand=cast.brand, username_changeable=True)
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    assert preview(bob.get(url_of(anna))) == ""


def test_groups_resources_and_catch_alls_that_follow_by_themselves_are_named(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    cast.group("Sales", anna)
    cast.group("Board", anna)
    cast.resource("Room 1", manager=anna)
    add_domain(actor=cast.system, tenant=cast.acme, name="sales.test", catch_all="anna@acme.test")
    told = preview(bob.get(url_of(anna)))
    assert "2 groups follow by themselves: Board, Sales." in told
    assert "1 managed resource follows by itself: Room 1." in told
    assert "1 catch-all follows by itself: sales.test." in told


def test_login_and_address_can_differ(cast, bob):
    add_domain(actor=cast.system, tenant=cast.acme, name="sales.test")
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    wish = typed("anna", same="", primary_address="Anna.Adler", primary_domain="sales.test", keep="")
    bob.post(url_of(anna), wish)
    assert (ServiceUser.objects.get().login, OxAccount.objects.get().primary_address) == (
        "anna@acme.test",
        "anna.adler@sales.test",
    )
    assert bob.get(url_of(anna)).context["form"]["same"].value() is False


def test_what_is_taken_is_told_at_its_field(cast, bob):
    cast.user("Zoe", login="zoe", ox=True, aliases=("zoes@acme.test",))
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    wish = typed("zoe", same="", primary_address="zoes")
    refused = bob.post(url_of(anna), wish)
    assert refused.status_code == 422
    assert refused.context["form"].errors == {
        "login": ["The login zoe@acme.test is taken. Choose another."],
        "primary_address": ["zoes@acme.test is taken. Choose another address."],
    }
    assert preview(refused).startswith("In OX, Anna Becker goes on")  # the errors stand at the fields alone
    looked = bob.post(url_of(anna), wish | {"do": "look"}, headers={"HX-Request": "true"})
    assert "The login zoe@acme.test is taken. Choose another." in preview(looked)
    for login, sentence in (("", "Fill in the part before the @."), ("a/b", "A login takes letters")):
        errors = bob.post(url_of(anna), typed(login)).context["form"].errors
        assert errors["login"][0].startswith(sentence)


def test_one_alias_too_many_is_told_above_the_form(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    change_aliases(actor=cast.system, user=anna, aliases=tuple(f"a{number}@acme.test" for number in range(100)))
    refused = bob.post(url_of(anna), typed())
    assert refused.context["form"].errors == {"__all__": ["101 aliases are too many: 100 at most."]}


def test_without_ox_there_is_the_login_alone(cast, bob):
    ben = cast.user("Ben", login="ben")
    page = bob.get(url_of(ben)).content.decode()
    assert 'name="login"' in page
    assert 'name="primary_address"' not in page
    bob.post(url_of(ben), typed("conrad"))
    assert ServiceUser.objects.get().login == "conrad@acme.test"


def test_what_somebody_else_saved_is_not_undone_unawares(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    seen = bob.get(url_of(anna)).context["form"].seen
    bob.post(url_of(anna), typed("bach", seen=seen))
    late = bob.post(url_of(anna), typed("adler", seen=seen))
    told = (
        "This user was changed meanwhile. Stored now: login bach@acme.test, primary address bach@acme.test. "
        "Save again to replace it by what stands here."
    )
    assert (late.status_code, late.context["form"].errors) == (422, {"__all__": [told]})
    bob.post(url_of(anna), typed("adler", seen=late.context["form"].seen))
    assert ServiceUser.objects.get().login == "adler@acme.test"


def test_the_page_says_with_which_name_somebody_signs_in_at_ox(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True), ox_name="old@acme.test")
    url = f"/t/{cast.acme.pk}/users/{anna.pk}/"
    page = " ".join(bob.get(url).content.decode().split())
    assert "old@acme.test" in page
    assert "Anna Becker signs in there with this name. This OX platform does not change user names." in page
    change_brand(actor=cast.system, brand=cast.brand, username_changeable=True)
    assert "until the new login has been delivered" in bob.get(url).content.decode()
    OxAccount.objects.update(ox_name="anna@acme.test")
    assert "Name in OX" not in bob.get(url).content.decode()


def test_what_the_platform_cannot_do_is_said_in_one_line_and_nothing_is_offered(cast, bob):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    page = bob.get(f"/t/{cast.acme.pk}/users/{anna.pk}/").content.decode()
    assert page.count("OX App Suite takes no forwarders from here. Users set one up in their own mail rules.") == 1


def test_who_may_not_and_who_is_a_stranger(cast):
    anna = in_ox(cast.user("Anna Becker", login="anna", ox=True))
    for name, status in (("dora", 403), ("rita", 403), ("charlie", 404)):
        client = cast.client(getattr(cast, name))
        assert client.get(url_of(anna)).status_code == status
        assert client.post(url_of(anna), typed()).status_code == status
    assert cast.client(cast.charlie).get(f"/t/{cast.globex.pk}/users/{anna.pk}/rename/").status_code == 404
    assert ServiceUser.objects.get().login == "anna@acme.test"
