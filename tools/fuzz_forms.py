"""Fill in every form of a running panel with what nobody should type, and tell what answers with an error.

The forms themselves say what they take: their fields, types, lengths and choices. From these come values at the edges,
beyond them, and of quite another kind. Whatever comes, the panel answers in a sentence; 500 is a fault, and makes the
exit status 1.

    python tools/fuzz_forms.py http://localhost:8000 var/sign-ins.txt --minutes 10
"""

import argparse
import random
import re
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from lxml import html

# Not followed: they end what we are at.
LEAVES = re.compile(r"/sign-in/(logout|start-over)|/account/(sessions|password|codes|passkeys|app|email)|/static/")
NUMBERS = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}")
NASTY = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\x1b[31m",
        "\ud83d",
        "\U0001d518\U0001d52b",
        "\u202eevil",
        "\r\nSet-Cookie: a=b",
        "İ" * 40,
        "ß" * 300,
    ),
    *(
        "'",
        '"',
        "'; DROP TABLE oxherd_tenant; --",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "{% debug %}",
        "%s%n",
        "$(id)",
    ),
    *(
        "../../etc/passwd",
        "=1+1",
        "@SUM(A1)",
        "-1",
        "0",
        "1e309",
        "NaN",
        "99999999999999999999",
        "٣",
        "0x10",
        "1,5",
        "12 GB",
    ),
    *("a@b", "@", "a@", "a@b@c", "postmaster@acme.example", "x" * 5000, "xn--", "xn--a-.example", "co.uk", ".", "a..b"),
    *(
        "http://",
        "https://[::1",
        "https://a:b@c/",
        "javascript:alert(1)",
        "//evil.example",
        "2026-02-30",
        "on",
        "true",
        "null",
    ),
)
WORST_STATUS = 500


@dataclass
class Visit:
    """One person's way through the panel."""

    address: str
    session: requests.Session = field(default_factory=requests.Session)
    waiting: deque[str] = field(default_factory=deque)
    seen: set[str] = field(default_factory=set)
    shapes: Counter[str] = field(default_factory=Counter)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fill in every form with what nobody should type.")
    parser.add_argument("address")
    parser.add_argument("sign_ins", type=Path, help="lines of address and password, as `oxherd run` writes them")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    wishes = parser.parse_args()
    dice = random.Random(wishes.seed)
    rows = [line.split() for line in wishes.sign_ins.read_text().splitlines() if "@" in line]
    visits = [signed_in(wishes.address, email, password) for email, password, *_ in rows]
    faults: dict[str, str] = {}
    sent, forms, statuses = 0, set(), Counter()
    end = time.monotonic() + wishes.minutes * 60
    while time.monotonic() < end:
        visit = dice.choice(visits)
        page = next_page(visit, dice)
        if page is None:
            continue
        for form in page.forms:
            action = urljoin(visit.address, form.action or page.base_url or "/")
            if LEAVES.search(action) or urlsplit(action).netloc != urlsplit(visit.address).netloc:
                continue
            forms.add((form.method, NUMBERS.sub("N", urlsplit(action).path)))
            answer = send(visit, form, action, dice)
            sent, statuses = sent + 1, statuses + Counter([answer.status_code])
            if answer.status_code >= WORST_STATUS:
                shape = f"{form.method} {NUMBERS.sub('N', urlsplit(action).path)}"
                faults.setdefault(shape, f"{answer.headers.get('X-Request-ID')} {answer.request.body!r:.600}")
            elif "html" in answer.headers.get("Content-Type", "") and dice.random() < 0.3:
                note_links(visit, answer)
    print(f"{sent} forms sent ({len(forms)} different), answers: {dict(sorted(statuses.items()))}")
    for shape, told in faults.items():
        print(f"FAULT {shape}: {told}")
    return 1 if faults else 0


def signed_in(address: str, email: str, password: str) -> Visit:
    visit = Visit(address.rstrip("/"))
    page = html.fromstring(visit.session.get(f"{visit.address}/sign-in/login/").text)
    token = page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    fields = {"csrfmiddlewaretoken": token, "login": email, "password": password}
    answer = visit.session.post(f"{visit.address}/sign-in/login/", fields, headers={"Referer": visit.address})
    if "/sign-in/" in urlsplit(answer.url).path:
        sys.exit(f"{email} cannot sign in.")
    note_links(visit, answer)
    return visit


def next_page(visit: Visit, dice: random.Random) -> html.HtmlElement | None:
    """Rather a page of a kind that was seldom seen."""
    if not visit.waiting:
        visit.waiting.append("/")
        visit.seen.clear()
    best = min(visit.waiting, key=lambda url: (visit.shapes[NUMBERS.sub("N", urlsplit(url).path)], dice.random()))
    visit.waiting.remove(best)
    visit.shapes[NUMBERS.sub("N", urlsplit(best).path)] += 1
    answer = visit.session.get(visit.address + best, timeout=60)
    if "html" not in answer.headers.get("Content-Type", "") or not answer.text.strip():
        return None
    note_links(visit, answer)
    return html.fromstring(answer.text, base_url=answer.url)


def note_links(visit: Visit, answer: requests.Response) -> None:
    if not answer.text.strip():
        return
    page = html.fromstring(answer.text)
    for link in page.xpath("//@href | //@hx-get"):
        parts = urlsplit(urljoin(answer.url, link))
        url = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.netloc == urlsplit(visit.address).netloc and url not in visit.seen and not LEAVES.search(url):
            visit.seen.add(url)
            visit.waiting.append(url)


def send(visit: Visit, form: html.FormElement, action: str, dice: random.Random) -> requests.Response:
    """One or two fields get a bad value; now and then all of them, one twice, none, or one that is not there."""
    fields: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    names = [each.name for each in form.inputs if each.name and each.name != "csrfmiddlewaretoken"]
    bad = set(dice.sample(names, min(len(names), dice.choice((0, 1, 1, 2, len(names))))))
    for each in form.inputs:
        if not each.name or dice.random() < 0.03:
            continue
        if each.get("type") == "file":
            files[each.name] = (
                "ä\r\n.png",
                dice.choice((b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(100), b"<svg/>")),
            )
        elif each.name in bad:
            fields += [(each.name, bad_value(each, dice))] * dice.choice((1, 1, 1, 2))
        else:
            fields += [(each.name, value) for value in good_values(each)]
    fields += [
        (each.get("name"), each.get("value") or "") for each in form.xpath(".//button[@name]") if dice.random() < 0.4
    ]
    if dice.random() < 0.1:
        fields.append((dice.choice(("page", "after", "q", "all", "next", "id")), dice.choice(NASTY)))
    encoded = [(name, value.encode("utf-8", "surrogatepass")) for name, value in fields]
    headers = {"Referer": visit.address}
    if dice.random() < 0.3:
        headers |= {"HX-Request": "true", "HX-Current-URL": action}
    if form.method == "GET":
        return visit.session.get(action, params=encoded, headers=headers, timeout=60)
    return visit.session.post(action, encoded, files=files or None, headers=headers, timeout=60)


def good_values(element: html.HtmlElement) -> list[str]:
    value = element.value
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, (set, list, html.MultipleSelectOptions)) else [str(value)]


def bad_value(element: html.HtmlElement, dice: random.Random) -> str:
    longest = int(element.get("maxlength") or 0)
    if longest and dice.random() < 0.3:
        return dice.choice("aé漢") * (longest + dice.choice((0, 1, 100)))
    if element.get("type") == "number" and dice.random() < 0.5:
        return str(dice.choice((-1, 0, 2**31, 2**63, 2**64, 1.5)))
    return dice.choice(NASTY)


if __name__ == "__main__":
    raise SystemExit(main())
