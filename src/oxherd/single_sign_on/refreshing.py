"""The metadata of SAML services, from where they publish it. Over the network: never within a transaction."""

import requests

from oxherd import outgoing
from oxherd.accounts.actor import Actor
from oxherd.errors import Refused
from oxherd.single_sign_on import metadata, rules
from oxherd.single_sign_on.commands import change_provider
from oxherd.single_sign_on.models import IdentityProvider


def fetched(url: str) -> str:
    """The XML that is there. Raises Refused at `metadata_url`."""
    rules.url_is_safe(url, "metadata_url")
    try:
        return outgoing.get(url).decode("utf-8-sig")
    except outgoing.DestinationForbidden as error:
        raise Refused(str(error), field="metadata_url") from None
    except requests.RequestException:
        raise Refused("There is no answer from this address.", field="metadata_url") from None
    except UnicodeDecodeError:
        raise Refused("What is there is not the metadata of a SAML identity provider.", field="metadata_url") from None


def refresh(*, actor: Actor, provider: IdentityProvider) -> IdentityProvider:
    """Take over what the service publishes now: new certificates, and where people sign in.

    Raises Refused where it does not come, cannot be read, or is another service's: people would be somebody else there.
    """
    xml = fetched(provider.metadata_url)
    said = metadata.read(xml, "metadata_url")
    if said.entity_id != provider.entity_id:
        raise Refused(
            f"There is now the metadata of another service, {said.entity_id[:200]}. Edit and save to take it over: "
            "everybody is bound anew then.",
            field="metadata_url",
        )
    if (said.sso_url, list(said.certificates)) == (provider.sso_url, provider.certificates):
        return provider
    return change_provider(actor=actor, provider=provider, metadata=xml)
