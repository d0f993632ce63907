from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import make_cast
from tests.threads import overlapping

from oxherd.people.models import OxAccount
from oxherd.people.usage import note_drive_use


def known():
    return list(OxAccount.objects.order_by("id").values_list("drive_used_mb", flat=True))


def test_what_the_platform_told_is_written_down_for_each(cast):
    anna, ben = (cast.user(name, ox=True).account for name in ("Anna", "Ben"))
    note_drive_use({anna.pk: 340, ben.pk: 0, 999_999: 5})
    note_drive_use({})
    assert known() == [340, 0]
    assert OxAccount.objects.filter(drive_used_at__isnull=True).count() == 0


def test_what_is_known_is_written_again_once_a_day(cast, django_assert_num_queries):
    anna = cast.user("Anna", ox=True).account
    yesterday = timezone.now() - timedelta(days=2)
    note_drive_use({anna.pk: 340})
    first = OxAccount.objects.get().drive_used_at
    with django_assert_num_queries(1):
        note_drive_use({anna.pk: 340})
    assert OxAccount.objects.get().drive_used_at == first
    OxAccount.objects.update(drive_used_at=yesterday)
    note_drive_use({anna.pk: 340})
    assert OxAccount.objects.get().drive_used_at > yesterday


@pytest.mark.django_db(transaction=True)
def test_whoever_is_being_changed_is_left_out_and_nobody_waits(transactional_db):
    cast = make_cast()
    anna, ben = (cast.user(name, ox=True).account for name in ("Anna", "Ben"))
    overlapping(
        lambda: OxAccount.objects.select_for_update().get(pk=anna.pk),
        lambda: note_drive_use({anna.pk: 340, ben.pk: 7}),
    )
    assert known() == [None, 7]
