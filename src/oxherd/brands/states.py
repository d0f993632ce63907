from django.db.models import TextChoices


class PlatformKind(TextChoices):
    APP_SUITE = "app_suite", "OX App Suite"
    OX_CLOUD = "ox_cloud", "OX Cloud"
