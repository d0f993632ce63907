from django.db.models import TextChoices


class ObjectKind(TextChoices):
    """What is compared, in the order in which it is repaired: what names users comes after them."""

    CONTEXT = "context", "Context"
    USER = "user", "User"
    GROUP = "group", "Group"
    RESOURCE = "resource", "Resource"
    FORWARDER = "forwarder", "Forwarder"
    CATCH_ALL = "catch_all", "Catch-all"


class DifferenceKind(TextChoices):
    DIFFERENT = "different", "Different"
    MISSING = "missing", "Not in OX"  # here, and not on the platform
    STRANGER = "stranger", "Only in OX"  # on the platform, and not here
    GONE = "gone", "Context gone"  # and with it all that was in it


class Way(TextChoices):
    """In which direction a difference is repaired."""

    TO_OX = "to_ox", "Send to OX"  # the panel is right
    FROM_OX = "from_ox", "Take from OX"  # the platform is right


class ComparisonState(TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Comparing"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


OPEN = (ComparisonState.WAITING, ComparisonState.RUNNING)
