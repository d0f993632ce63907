"""Where the pictures of users are found."""

from collections.abc import Iterable

from django.urls import reverse

from oxherd.people import queries
from oxherd.people.models import ServiceUser


def addresses(users: Iterable[ServiceUser]) -> dict[int, str]:
    """The URL of each user's picture, by user id; users without one are left out. One query."""
    users = list(users)
    digests = queries.photo_digests(users)
    return {
        user.pk: reverse("user_photo", args=[user.tenant_id, user.pk, digests[user.pk]])
        for user in users
        if user.pk in digests
    }
