"""How users are found: words of names and addresses, each by its beginning."""

import re
import unicodedata

from oxherd.domains.models import readable

WORD = re.compile(r"\w+")
LONGEST_KEY = 200  # the columns' width
LONGEST_QUERY = 200  # PostgreSQL takes no word over 2 kB; nobody types one


def folded(text: str) -> str:
    """Case-folded and without accents, so that Müller is found by muller and MÜLLER."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def name_key(name: str) -> str:
    """A display name as names are compared and sorted; folding can make it longer, so it is cut."""
    return folded(name)[:LONGEST_KEY]


def tenant_token(tenant_id: int) -> str:
    """A word that only this tenant's users have: the index then leaves other tenants' users out at once."""
    return f"tenant{tenant_id}"


def search_text(tenant_id: int, texts: list[str], addresses: list[str]) -> str:
    """The words by which a user is found."""
    words = {tenant_token(tenant_id)}
    for text in [*texts, *addresses, *(readable(address) for address in addresses)]:
        words.update(WORD.findall(folded(text)))
    return " ".join(sorted(words))


def terms(text: str) -> str:
    """What a person typed as a prefix query of PostgreSQL, such as 'anna:* & acme:*'; empty for no words."""
    return " & ".join(f"{word}:*" for word in WORD.findall(folded(text[:LONGEST_QUERY])))
