"""How this stand-in is set up: the switches that a platform has in its configuration files.

Names and defaults are those of AdminDaemon.properties and AdminUser.properties.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    master_login: str = "oxadminmaster"
    master_password: str = "secret"  # noqa: S105 - a stand-in that anyone may look into
    account_override: bool = False
    username_changeable: bool = False
    primary_mail_unchangeable: bool = False
    unique_display_names: bool = True
    admin_mail_checks: bool = False
