from django.db import models

from oxherd.profiles.modules import ADD_ONS, NOT


def classes_of(class_of_service: str, access_combination: str) -> list[str]:
    """The names of a class of service; one that is not given is called like the access combination."""
    return [name.strip() for name in (class_of_service or access_combination).split(",") if name.strip()]


class Profile(models.Model):
    """What a user gets ("feature level")."""

    brand = models.ForeignKey("oxherd.Brand", on_delete=models.CASCADE, related_name="profiles")
    name = models.CharField(max_length=100)
    access_combination = models.CharField(max_length=100)
    # OX Cloud's second setting beside the combination, several with commas; empty: called like the combination.
    class_of_service = models.CharField(max_length=200, blank=True)
    # Megabytes; empty: unlimited.
    mail_quota_mb = models.PositiveIntegerField(null=True, blank=True)
    drive_quota_mb = models.PositiveIntegerField(null=True, blank=True)
    # Of App Suite: on, off, or empty for what the combination and the server's configuration say.
    documents = models.BooleanField(null=True, blank=True)
    guard = models.BooleanField(null=True, blank=True)
    rank = models.PositiveIntegerField(default=0)
    price_label = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["rank", "name"]
        constraints = [models.UniqueConstraint(name="profile_name_once", fields=["brand", "name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def package(self) -> str:
        """The combination with the add-ons that are said of it, as `modules` reads it."""
        said = [(name, getattr(self, name)) for name in ADD_ONS]
        return "".join(
            [self.access_combination, *(f"+{'' if on else NOT}{name}" for name, on in said if on is not None)]
        )

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.brand_id, None
