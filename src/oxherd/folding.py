import unicodedata


def folded(text: str) -> str:
    """Case-folded and without accents, so that Müller is found by muller and MÜLLER."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
