"""What each kind of platform can do, and for what it cannot the sentence that says why: the one place for both.

Pages ask `why_not` and show the sentence instead of a control that would do nothing. It answers for platform and mail
servers together; the worker asks `kind_can`, for what the platform itself is to be asked.
"""

from collections.abc import Mapping
from enum import Enum

from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind


class Ability(Enum):
    FORWARDERS = "forwarders"  # addresses that pass mail on, with or without a mailbox
    EXTERNAL_MEMBERS = "external_members"  # addresses of elsewhere among the recipients of a group
    CATCH_ALL_ON_PLATFORM = "catch_all_on_platform"  # the platform itself delivers what nobody else takes
    MAIL_QUOTA = "mail_quota"  # the size of a mailbox is set through the platform
    MAIL_USAGE = "mail_usage"  # the platform tells how full a mailbox is
    CLASS_OF_SERVICE = "class_of_service"
    ADD_ONS = "add_ons"  # Documents and Guard are turned on and off for a user
    RENAME_LOGIN = "rename_login"  # the platform's user name follows the login
    CHOOSE_CONTEXT_ID = "choose_context_id"  # contexts get the numbers that we say


# What is not listed can be done. Facts: OX provisioning, sections 5.2, 5.3, 6 and 7.
CANNOT: Mapping[PlatformKind, Mapping[Ability, str]] = {
    PlatformKind.APP_SUITE: {
        Ability.FORWARDERS: "OX App Suite takes no forwarders from here. Users set one up in their own mail rules.",
        Ability.EXTERNAL_MEMBERS: "Groups of OX App Suite hold users of the same customer only.",
        Ability.CATCH_ALL_ON_PLATFORM: "OX App Suite knows no catch-all. The mail server delivers it.",
        Ability.MAIL_QUOTA: "OX App Suite does not keep mailboxes. The mail server sets their size.",
        Ability.MAIL_USAGE: "OX App Suite does not keep mailboxes. The mail server knows how full they are.",
        Ability.CLASS_OF_SERVICE: "OX App Suite knows no classes of service. The access combination says it all.",
    },
    PlatformKind.OX_CLOUD: {
        Ability.EXTERNAL_MEMBERS: "Groups of OX hold users of the same customer only. A forwarder takes all addresses.",
        Ability.ADD_ONS: "OX Cloud has Documents and Guard in its access combinations and classes of service.",
        Ability.CHOOSE_CONTEXT_ID: "OX Cloud gives contexts their numbers.",
    },
}
# What Postfix and Dovecot do for a brand whose mail they carry, whatever its platform cannot.
CARRIED = frozenset({Ability.FORWARDERS, Ability.EXTERNAL_MEMBERS, Ability.MAIL_QUOTA, Ability.MAIL_USAGE})
# USERNAME_CHANGEABLE of the platform's AdminUser.properties; the brand says how it is set.
NAMES_STAY = "This OX platform does not change user names."


def why_not(brand: Brand, ability: Ability) -> str:
    """Why this cannot be done for a brand, by its platform or by mail servers of ours; empty where it can."""
    if brand.carries_mail and ability in CARRIED:
        return ""
    if ability is Ability.RENAME_LOGIN:
        return "" if brand.username_changeable else NAMES_STAY
    return "" if kind_can(brand.platform, ability) else CANNOT[PlatformKind(brand.platform)][ability]


def kind_can(kind: str, ability: Ability) -> bool:
    """Whether platforms of a kind do this themselves; renaming depends on the brand, and is asked of `can`."""
    return ability not in CANNOT[PlatformKind(kind)]


def can(brand: Brand, ability: Ability) -> bool:
    return not why_not(brand, ability)
