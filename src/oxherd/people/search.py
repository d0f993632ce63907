"""How users are found: words of names and addresses, each by its beginning."""

from typing import TypeVar

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Model, QuerySet

from oxherd.domains.models import readable
from oxherd.folding import WORD, folded, prefix_query
from oxherd.tenants.models import Tenant

Row = TypeVar("Row", bound=Model)

LONGEST_KEY = 200  # the columns' width


class Searchable(models.Model):
    """Rows of a tenant for lists: keyset order and search cost the same however many there are."""

    sort_name = models.CharField(max_length=LONGEST_KEY)  # the display name, case-folded
    search_text = models.TextField()  # the tenant's token, names and addresses, taken apart
    search = models.GeneratedField(
        expression=SearchVector(F("search_text"), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        abstract = True


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


def matching(rows: QuerySet[Row], tenant: Tenant, text: str) -> QuerySet[Row]:
    """Those of a tenant's rows of which every word of `text` begins a word. The rows' table has the column `search`."""
    query = prefix_query(text)
    if not query:
        return rows
    words = f"{tenant_token(tenant.pk)} & {query}"
    return rows.filter(search=SearchQuery(words, config="simple", search_type="raw"))
