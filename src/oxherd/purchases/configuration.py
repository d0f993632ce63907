"""What belongs into App Suite's configuration, so that its users find a brand's offer: text to be copied."""

from dataclasses import dataclass

from oxherd.brands.models import Upsell
from oxherd.purchases import addresses
from oxherd.purchases.rules import can_be_verified
from oxherd.purchases.states import CredentialKind

CAPABILITIES = ("webmail", "calendar", "contacts", "tasks", "infostore", "active_sync")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one file, under a heading that says which and for whom."""

    heading: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def verified_by(upsell: Upsell) -> list[str]:
    """The ways by which it is found out who asks; none: requests are flagged as unverified."""
    ways = (("login token", CredentialKind.TOKEN), ("session", CredentialKind.SESSION))
    return [way for way, kind in ways if can_be_verified(upsell, kind)]


def blocks(upsell: Upsell, base_url: str) -> list[Block]:
    """base_url: of the panel, as browsers of users reach it."""
    key, ways = upsell.key, verified_by(upsell)
    found = [
        Block(
            "App Suite 7.10 and 8: a file such as etc/settings/upsell.properties",
            (
                *(f"io.ox/core//upsell/enabled/{capability}=true" for capability in CAPABILITIES),
                f"plugins/upsell/simple-wizard//url={addresses.wizard(base_url, key, session='session' in ways)}",
                "plugins/upsell/simple-wizard//width=750",
                "plugins/upsell/simple-wizard//height=390",
                "plugins/upsell/simple-wizard//closeButton=true",
            ),
        ),
        Block("and one such as etc/upsell.properties", ("com.openexchange.capability.simple-wizard=true",)),
        Block(
            "OX 6 and App Suite 7 with open-xchange-upsell-multiple, instead of the wizard: etc/upsell.properties",
            (
                "com.openexchange.upsell.multiple.method=static",
                f"com.openexchange.upsell.multiple.method.static.shop_redir_url={addresses.static(base_url, key)}",
                "# Leave com.openexchange.upsell.multiple.rmi.* empty: users could change the whole context with it.",
            ),
        ),
    ]
    return [*found, *_of_tokens(base_url, key)] if "login token" in ways else found


def _of_tokens(base_url: str, key: str) -> list[Block]:
    return [
        Block(
            "A page in App Suite's settings, with a login token: etc/settings/upsell.properties",
            (
                f"io.ox/settings/configjump//upgrade/url={addresses.embedded(base_url, key)}",
                "io.ox/settings/configjump//upgrade/title=Upgrade",
                "io.ox/settings/configjump//upgrade/group=tools",
                "# and our secret as a line of etc/tokenlogin-secrets, without accessPassword",
            ),
        )
    ]
