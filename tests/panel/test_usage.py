"""How full mailbox and Drive are, on the page of a user."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.worker import empty_queue

from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.usage import LOOK, note_use
from oxherd.profiles.models import Profile

HTMX = {"HX-Request": "true"}


@pytest.fixture
def user(cast: Cast) -> ServiceUser:
    user = cast.user(ox=True)
    OxAccount.objects.filter(user=user).update(ox_id=3)
    return ServiceUser.objects.get(pk=user.pk)


def gauges(cast: Cast, user: ServiceUser, query: str = "") -> str:
    answer = cast.client(cast.rita).get(f"/t/{user.tenant_id}/users/{user.pk}/usage/{query}", headers=HTMX)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def looks() -> int:
    return ProcrastinateJob.objects.filter(task_name=LOOK).count()


def on_ox_cloud() -> None:
    Brand.objects.update(platform=PlatformKind.OX_CLOUD)


def test_whoever_opens_the_page_lets_a_worker_look_once(cast: Cast, user: ServiceUser) -> None:
    page = cast.client(cast.rita).get(f"/t/{user.tenant_id}/users/{user.pk}/").content.decode()
    assert "OX has not told yet how much is used." in page
    assert looks() == 0  # the page itself is not slower for it
    assert "Asking OX how much is used" in gauges(cast, user)
    assert "?asked=3" in gauges(cast, user, "?asked=2")
    assert "Asking" in gauges(cast, user)
    assert looks() == 1


def test_a_page_that_has_asked_long_enough_shows_what_is_known(cast: Cast, user: ServiceUser) -> None:
    assert "?asked=1" in gauges(cast, user)
    assert "hx-get" not in gauges(cast, user, "?asked=20")
    assert "hx-get" not in gauges(cast, user, "?asked=99999999999")
    empty_queue()
    assert "hx-get" not in gauges(cast, user, "?asked=1")
    assert looks() == 0


def test_what_is_fresh_is_not_asked_for_again(cast: Cast, user: ServiceUser) -> None:
    note_use(user.account.pk, drive=340)
    assert "340 MB of 1,000 MB used" in gauges(cast, user)
    assert looks() == 0
    OxAccount.objects.update(drive_used_at=timezone.now() - timedelta(minutes=11))
    assert "340 MB of 1,000 MB used" in gauges(cast, user)
    assert looks() == 1


def test_app_suite_does_not_know_how_full_mailboxes_are(cast: Cast, user: ServiceUser) -> None:
    note_use(user.account.pk, drive=990)
    text = gauges(cast, user)
    assert "OX App Suite does not keep mailboxes." in text
    assert "990 MB of 1,000 MB used" in text
    assert "Nearly full" in text
    assert text.count("<meter") == 1


def test_ox_cloud_tells_of_mail_and_drive(cast: Cast, user: ServiceUser) -> None:
    on_ox_cloud()
    Profile.objects.filter(pk=user.account.profile_id).update(mail_quota_mb=5_120, drive_quota_mb=None)
    note_use(user.account.pk, drive=12, mail=5_200)
    text = gauges(cast, user)
    assert "5.1 GB of 5 GB used" in text
    assert "Full" in text
    assert "12 MB used, unlimited" in text
    note_use(user.account.pk, drive=12, mail=None)
    assert "The mailbox was never opened." in gauges(cast, user)


def test_equal_quotas_of_ox_cloud_are_one_that_mail_and_drive_share(cast: Cast, user: ServiceUser) -> None:
    on_ox_cloud()
    Profile.objects.filter(pk=user.account.profile_id).update(mail_quota_mb=10_240, drive_quota_mb=10_240)
    note_use(user.account.pk, drive=1_024, mail=2_048)
    text = gauges(cast, user)
    assert "Mail and Drive together" in text
    assert "3.0 GB of 10 GB used" in text


def test_a_user_without_ox_or_of_a_stranger_has_no_gauges(cast: Cast, user: ServiceUser) -> None:
    bare = cast.user("Ben")
    assert cast.client(cast.bob).get(f"/t/{bare.tenant_id}/users/{bare.pk}/usage/").status_code == 204
    assert cast.client(cast.charlie).get(f"/t/{user.tenant_id}/users/{user.pk}/usage/").status_code == 404
    assert looks() == 0


def test_the_class_of_service_is_shown_where_there_is_one(cast: Cast, user: ServiceUser) -> None:
    client = cast.client(cast.rita)
    assert "Class of service" not in client.get(f"/t/{user.tenant_id}/users/{user.pk}/").content.decode()
    on_ox_cloud()
    Profile.objects.filter(pk=user.account.profile_id).update(class_of_service="cloud_pim,cloud_security")
    assert "cloud_pim, cloud_security" in client.get(f"/t/{user.tenant_id}/users/{user.pk}/").content.decode()
