from django.db.models import TextChoices


class PlatformKind(TextChoices):
    APP_SUITE = "app_suite", "OX App Suite"
    OX_CLOUD = "ox_cloud", "OX Cloud"


class Api(TextChoices):
    """By what the users of an OX Cloud go; contexts, groups and resources always go by SOAP."""

    SOAP = "soap", "SOAP"
    CLOUD_API = "cloud_api", "Cloud API v2"


class InquiryState(TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Asking"
    DONE = "done", "Done"


OPEN = (InquiryState.WAITING, InquiryState.RUNNING)
