import unicodedata

from oxherd.brands.models import Upsell
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.profiles.models import Profile
from oxherd.purchases.models import LONGEST_MESSAGE, PurchaseRequest
from oxherd.purchases.states import CredentialKind, RequestState

LONGEST_REASON = 500


def is_offered(brand_id: int, profile: Profile) -> None:
    if profile.brand_id != brand_id:
        raise Refused("This is not on offer. Choose one of those shown.", field="profile")


def is_more(present: Profile, wanted: Profile) -> None:
    """An upgrade leads to a higher rank."""
    if wanted.rank <= present.rank:
        raise Refused(f"The profile {present} is not less than {wanted}.", field="profile")


def is_open(request: PurchaseRequest) -> None:
    if request.state != RequestState.OPEN:
        by = f" by {request.decided_by}" if request.decided_by else ""
        raise Refused(f"This request is {request.get_state_display().lower()}{by} already.")


def has_a_target(request: PurchaseRequest) -> Profile:
    if request.to_profile is None:
        raise Refused(f"There is no profile {request.to_name} any more. Reject the request.")
    return request.to_profile


def message(text: str) -> str:
    """The message with its lines, without what cannot be shown. Raises Refused at `message` for too long a one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(
        sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs", "Co", "Cn"}
    )
    clean = clean.strip()
    if len(clean) > LONGEST_MESSAGE:
        raise Refused(f"The message is longer than {LONGEST_MESSAGE} characters. Shorten it.", field="message")
    return clean


def reason(text: str) -> str:
    """Raises Refused at `reason` for none, or too long a one."""
    return one_line(text, "reason", most=LONGEST_REASON, missing="Say why: the requester reads it.")


def can_be_verified(upsell: Upsell | None, kind: str) -> bool:
    """Whether the brand can find out by a credential of this kind who asks."""
    if upsell is None:
        return False
    if kind == CredentialKind.TOKEN:
        return bool(upsell.sealed_token_secret and upsell.api_url)
    return kind == CredentialKind.SESSION and bool(upsell.session_api_url)
