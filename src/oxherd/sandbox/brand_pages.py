"""The pages of brands, and the mail of a context."""

from typing import Any

from oxherd.sandbox import brands, holdings, rendering
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.rendering import PAGE_SIZE, listed
from oxherd.sandbox.replies import Reply
from oxherd.sandbox.store import maildomains


def overview(platform: Platform, message: Message) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        place = listed(message, brands.count_brands(db, search))
        found = brands.brands_page(db, search, PAGE_SIZE, place["offset"])
    return rendering.page("brands.html", here="brands", brands=found, place=place)


def show(platform: Platform, message: Message, brand_id: int) -> Reply:
    with platform.store.reading() as db:
        brand = brands.brand(db, brand_id)
        place = listed(message, brand["contexts"])
        found = brands.contexts_of(db, brand_id, PAGE_SIZE, place["offset"])
    return rendering.page("brand.html", here="brands", brand=brand, contexts=found, place=place)


def mail(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = listed(message, brands.count_forwards(db, context_id, search))
        found = brands.forwards_page(db, context_id, search, PAGE_SIZE, place["offset"])
        catchalls = maildomains.catchalls(db, context_id)
    values: dict[str, Any] = {"context": context, "catchalls": catchalls, "forwards": found, "place": place}
    return rendering.page("mail.html", here="contexts", **values)
