"""What tests of OX Service > Users share."""

from django.contrib.messages import get_messages
from django.http import HttpResponse

from oxherd.people.models import OxAccount, ServiceUser
from oxherd.provisioning.models import SyncJob


def settle(user: ServiceUser, status: str = "enabled", state: str = "done", sentence: str = "") -> ServiceUser:
    """As the worker would leave it."""
    ServiceUser.objects.filter(pk=user.pk).update(status=status)
    SyncJob.objects.filter(subject_kind="account", subject_id=user.account.pk).update(state=state, sentence=sentence)
    return user


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def profile_of(user: ServiceUser) -> str:
    return str(OxAccount.objects.get(user=user).profile)
