"""How this stand-in is set up: the switches that a platform has in its configuration files.

Names and defaults are those of AdminDaemon.properties and AdminUser.properties.
"""

from dataclasses import dataclass, field

from oxherd.sandbox.wizard import Wizard


@dataclass(frozen=True)
class Settings:
    master_login: str = "oxadminmaster"
    master_password: str = "secret"  # noqa: S105 - a stand-in that anyone may look into
    account_override: bool = False
    username_changeable: bool = False
    primary_mail_unchangeable: bool = False
    unique_display_names: bool = True
    admin_mail_checks: bool = False
    token_secret: str = "stand-in-token-secret"  # noqa: S105 - a line of tokenlogin-secrets
    rest_login: str = "rest"  # com.openexchange.rest.services.basic-auth.login
    rest_password: str = "secret"  # noqa: S105 - as above
    wizard: Wizard = field(default_factory=Wizard)
