from django.db import models


class Profile(models.Model):
    """What a user gets ("feature level")."""

    brand = models.ForeignKey("oxherd.Brand", on_delete=models.CASCADE, related_name="profiles")
    name = models.CharField(max_length=100)
    access_combination = models.CharField(max_length=100)
    # Megabytes; empty: unlimited.
    mail_quota_mb = models.PositiveIntegerField(null=True, blank=True)
    drive_quota_mb = models.PositiveIntegerField(null=True, blank=True)
    rank = models.PositiveIntegerField(default=0)
    price_label = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["rank", "name"]
        constraints = [models.UniqueConstraint(name="profile_name_once", fields=["brand", "name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.brand_id, None
