from django.db.models import TextChoices


class PlatformKind(TextChoices):
    APP_SUITE = "app_suite", "OX App Suite"
    OX_CLOUD = "ox_cloud", "OX Cloud"


class MailOfDisabled(TextChoices):
    """What becomes of mail to users for whom OX is disabled, where we carry a brand's mail."""

    REFUSE = "refuse", "Refuse it, so that senders know"
    HOLD = "hold", "Hold it for some days, in case OX is enabled again"


class Api(TextChoices):
    """By what the users of an OX Cloud go; contexts, groups and resources always go by SOAP."""

    SOAP = "soap", "SOAP"
    CLOUD_API = "cloud_api", "Cloud API v2"


class InquiryState(TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Asking"
    DONE = "done", "Done"


OPEN = (InquiryState.WAITING, InquiryState.RUNNING)
