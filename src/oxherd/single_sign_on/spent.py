"""What a SAML service has said, once: kept from its arrival until the browser that had asked comes for it."""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from oxherd.single_sign_on.assertions import Said
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.faults import NotBelieved
from oxherd.single_sign_on.models import IdentityProvider, SpentAssertion


@transaction.atomic
def spend(*, provider: IdentityProvider, said: Said) -> SpentAssertion:
    """Raises NotBelieved for what was said before."""
    SpentAssertion.objects.filter(valid_until__lt=timezone.now()).delete()
    kept, is_new = SpentAssertion.objects.get_or_create(
        identity_provider=provider,
        assertion_id=said.assertion_id[:500],
        defaults={
            "valid_until": said.valid_until,
            "in_response_to": said.in_response_to,
            "authenticated_at": said.authenticated_at,
            "told": asdict(said.claims),
        },
    )
    if not is_new:
        raise NotBelieved("This answer was used already. Begin again.", detail=f"assertion {said.assertion_id[:100]}")
    return kept


@transaction.atomic
def take(*, provider: IdentityProvider, pk: int) -> tuple[SpentAssertion, Claims]:
    """What was kept, which is forgotten but for its id. Raises NotBelieved where somebody took it before."""
    kept = SpentAssertion.objects.select_for_update().filter(pk=pk, identity_provider=provider).first()
    if kept is None or kept.told is None:
        raise NotBelieved("This answer was used already. Begin again.", detail=f"spent assertion {pk}")
    told, kept.told = kept.told, None
    kept.save(update_fields=["told"])
    return kept, Claims(**{**told, "groups": tuple(told["groups"])})
