import io
from hashlib import sha256

from PIL import Image
from tests.cast import PASSWORD
from tests.sync.conftest import Stage, account_of, job_of, on_every_dialect, status
from tests.worker import drain

from oxherd.people.commands import change_password, change_photo, change_user
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.ox_commands import change_aliases, change_profile, disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user
from oxherd.sandbox import holdings


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def may_sign_in(stage: Stage, user: ServiceUser, password: str) -> bool:
    with stage.sandbox.platform.store.reading() as db:
        return holdings.why_no_sign_in(db, stage.cast.acme.context_id, user.login, password) is None


def test_a_saved_user_arrives_in_ox_with_everything_in_one_call(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("anna@acme.test", "sales@acme.test"), photo=picture())
    assert status(anna) == "in_progress"
    drain()

    (held,) = stage.in_ox()
    assert held["name"] == held["primaryEmail"] == held["email1"] == "anna.becker@acme.test"
    assert sorted(held["aliases"]) == ["anna.becker@acme.test", "anna@acme.test", "sales@acme.test"]
    assert (held["display_name"], held["given_name"], held["sur_name"]) == ("Anna Becker", "Anna", "Becker")
    assert (held["combination"], held["maxQuota"], held["mailenabled"]) == ("groupware_standard", 1000, True)
    assert held["image_sha256"] == sha256(bytes(Photo.objects.get(user=anna).jpeg)).hexdigest()
    assert account_of(anna).ox_id == held["id"]
    assert (status(anna), job_of(anna).state, job_of(anna).tries) == ("enabled", "done", 1)
    assert stage.calls() == ["createByModuleAccessName"]


def test_a_user_without_ox_asks_nothing_of_the_platform(stage: Stage) -> None:
    anna = stage.cast.user()
    change_user(actor=stage.cast.system, user=anna, display_name="Anna B.")
    drain()
    assert (stage.calls(), status(anna)) == ([], "disabled")


def test_only_what_changed_is_sent(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.calls()
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Adler", surname="Adler")
    drain()
    assert stage.calls() == ["change"]
    (held,) = stage.in_ox()
    assert (held["display_name"], held["sur_name"], held["given_name"]) == ("Anna Adler", "Adler", "Anna")

    change_profile(actor=stage.cast.system, users=[anna], profile=stage.cast.mail)
    drain()
    assert sorted(stage.calls()) == ["change", "changeByModuleAccessName"]
    (held,) = stage.in_ox()
    assert (held["combination"], held["maxQuota"]) == ("webmail", -1)


def test_ten_quick_edits_end_in_the_last_and_in_one_call(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.calls()
    for number in range(10):
        change_user(actor=stage.cast.system, user=anna, display_name=f"Anna {number}")
    drain()
    assert [user["display_name"] for user in stage.in_ox()] == ["Anna 9"]
    assert stage.calls() == ["change"]


def test_aliases_are_replaced(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("old@acme.test",))
    drain()
    change_aliases(actor=stage.cast.system, user=anna, aliases=("new@acme.test",))
    drain()
    assert sorted(stage.in_ox()[0]["aliases"]) == ["anna.becker@acme.test", "new@acme.test"]


def test_photo_is_changed(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    assert stage.in_ox()[0]["image_sha256"] is None
    change_photo(actor=stage.cast.system, user=anna, photo=picture())
    drain()
    assert stage.in_ox()[0]["image_sha256"] == Photo.objects.get(user=anna).digest


@on_every_dialect
def test_a_password_is_delivered_and_then_wiped(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    assert account_of(anna).sealed_password != ""
    drain()
    assert account_of(anna).sealed_password == ""
    assert may_sign_in(stage, anna, PASSWORD)

    change_password(actor=stage.cast.system, user=anna, password="another long password")
    drain()
    assert may_sign_in(stage, anna, "another long password")
    assert not may_sign_in(stage, anna, PASSWORD)
    assert account_of(anna).sealed_password == ""


def test_disabling_deletes_the_ox_user_and_keeps_the_person(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("anna@acme.test",))
    drain()
    disable_ox(actor=stage.cast.system, user=anna)
    assert status(anna) == "in_progress"
    drain()
    assert stage.in_ox() == []
    assert (status(anna), OxAccount.objects.count()) == ("disabled", 0)
    assert [(row.address, row.kind) for row in anna.addresses.all()] == [("anna.becker@acme.test", "login")]


def test_a_removed_user_is_gone_from_both_sides(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert Blum", ox=True)
    drain()
    delete_user(actor=stage.cast.system, user=anna)
    drain()
    assert stage.names_in_ox() == ["bert.blum@acme.test"]
    assert list(ServiceUser.objects.all()) == [bert]


def test_removed_before_the_worker_came_leaves_nothing(stage: Stage) -> None:
    delete_user(actor=stage.cast.system, user=stage.cast.user(ox=True))
    drain()
    assert (stage.in_ox(), ServiceUser.objects.count(), OxAccount.objects.count()) == ([], 0, 0)


def test_enabled_again_before_the_worker_came_keeps_the_ox_user(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    before = account_of(anna).ox_id
    disable_ox(actor=stage.cast.system, user=anna)
    enable_ox(actor=stage.cast.system, user=anna, wish=OxWish(stage.cast.mail))
    drain()
    (held,) = stage.in_ox()
    assert (held["id"], held["combination"], status(anna)) == (before, "webmail", "enabled")


@on_every_dialect
def test_deleted_behind_our_back_is_made_anew(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    OxAccount.objects.update(ox_id=4711)  # an id that the platform does not know
    with stage.sandbox.platform.store.writing() as db:
        db.execute("DELETE FROM user WHERE name = ?", [anna.login])
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Anew")
    drain()
    (held,) = stage.in_ox()
    assert (held["display_name"], held["id"]) == ("Anna Anew", account_of(anna).ox_id)
