import re
import unicodedata

WORD = re.compile(r"\w+")
LONGEST_QUERY = 200  # PostgreSQL takes no word over 2 kB; nobody types one


def folded(text: str) -> str:
    """Case-folded and without accents, so that Müller is found by muller and MÜLLER."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def prefix_query(text: str) -> str:
    """What a person typed as a prefix query of PostgreSQL, such as 'anna:* & acme:*'; empty for no words."""
    return " & ".join(f"{word}:*" for word in WORD.findall(folded(text[:LONGEST_QUERY])))


def all_parts(text: str) -> str:
    """The ends of all words of a text, so that a prefix query finds any part of a word."""
    words = set(WORD.findall(folded(text)))
    parts = {word[start:] for word in words for start in range(len(word) - 1)}
    return " ".join(sorted(words | parts))
