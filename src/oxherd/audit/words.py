"""How entries are found: words of the name of what they speak of, each by its beginning."""

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from oxherd.audit.models import AuditEntry
from oxherd.folding import folded

WORD = re.compile(r"\w+")
LONGEST_QUERY = 200  # PostgreSQL takes no word over 2 kB; nobody types one


def search_text(tenant_id: int | None, name: str) -> str:
    """The words of a name, and one that only this tenant's entries have: the index leaves all others out at once."""
    return " ".join(sorted({_token(tenant_id), *WORD.findall(folded(name[:400]))}))


def matching(rows: QuerySet[AuditEntry], text: str, *, tenant_id: int | None = None) -> QuerySet[AuditEntry]:
    """Those of which every word of `text` begins a word; none for a text without any. tenant_id: of one tenant."""
    words = [f"{word}:*" for word in WORD.findall(folded(text[:LONGEST_QUERY]))]
    if not words:
        return rows.none() if text.strip() else rows
    query = " & ".join([*([_token(tenant_id)] if tenant_id else []), *words])
    return rows.filter(search=SearchQuery(query, config="simple", search_type="raw"))


def _token(tenant_id: int | None) -> str:
    return f"tenant{tenant_id or ''}"
