"""Pictures of every page with the demo's data: light and dark, 1280 and 360 pixels wide.

Runs `oxherd run` in a folder of its own; the pictures come to the folder given (default: screenshots).
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (1280, 360)
THEMES = ("light", "dark")


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """`oxherd run` and the address that it prints."""
    log = folder / "output.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "oxherd.cli.main", "run", "--data", str(folder / "var")]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if found := re.search(r"oxherd is ready at (\S+)/", log.read_text()):
            return process, found.group(1)
        time.sleep(0.2)
    raise SystemExit(log.read_text())


def passwords(folder: Path) -> dict[str, str]:
    lines = (folder / "var" / "sign-ins.txt").read_text().splitlines()
    return {line.split()[0]: line.split()[1] for line in lines if "@" in line}


def signed_in(browser: Browser, url: str, email: str, password: str, *, width: int, theme: str) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, locale="en-GB")
    page = context.new_page()
    page.goto(url + "/")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("networkidle")
    return page


def pages_of(page: Page, url: str) -> dict[str, str]:
    """Names and addresses of the pages of the first customer."""
    page.goto(url + "/customers/")
    tenant = page.locator("a[href^='/t/']").first.get_attribute("href") or ""
    tenant = re.match(r"/t/\d+/", tenant).group()  # type: ignore[union-attr]  # the selector saw to it
    page.goto(f"{url}{tenant}users/")
    users = {
        row.inner_text().strip(): row.get_attribute("href")
        for row in page.locator(f"a[href^='{tenant}users/']").all()
        if re.fullmatch(rf"{tenant}users/\d+/", row.get_attribute("href") or "")
    }
    numbers = sorted({re.search(r"users/(\d+)", href).group(1) for href in users.values()}, key=int)
    return {
        "customers": "/customers/",
        "users": f"{tenant}users/",
        "users-nothing-found": f"{tenant}users/?search=zzz",
        "user": f"{tenant}users/{numbers[0]}/",
        "user-without-ox": f"{tenant}users/{numbers[6]}/",
        "user-in-error": f"{tenant}users/{numbers[8]}/",
        "user-add": f"{tenant}users/add/",
        "ox-active": f"{tenant}ox/users/",
        "ox-classic": f"{tenant}ox/users/?view=classic",
        "ox-enable": f"{tenant}ox/users/{numbers[6]}/enable/",
        "ox-edit": f"{tenant}ox/users/{numbers[0]}/edit/",
        "ox-profile": f"{tenant}ox/users/profile/?user={numbers[0]}&user={numbers[1]}",
        "ox-disable": f"{tenant}ox/users/disable/?user={numbers[0]}",
        "user-person": f"{tenant}users/{numbers[0]}/person/",
        "user-password": f"{tenant}users/{numbers[0]}/password/",
        "user-remove": f"{tenant}users/{numbers[0]}/remove/",
        "not-found": f"{tenant}users/999999/",
        **other_pages_of(page, url, tenant),
    }


def other_pages_of(page: Page, url: str, tenant: str) -> dict[str, str]:
    return {
        "groups": f"{tenant}ox/groups/",
        "group-add": f"{tenant}ox/groups/add/",
        "group": first(page, f"{url}{tenant}ox/groups/"),
        "resources": f"{tenant}ox/resources/",
        "resource-add": f"{tenant}ox/resources/add/",
        "resource": first(page, f"{url}{tenant}ox/resources/"),
        "domains": f"{tenant}ox/domains/",
        "domain-add": f"{tenant}ox/domains/add/",
        "domain": first(page, f"{url}{tenant}ox/domains/"),
        "purchase-requests": f"{tenant}ox/requests/",
        "differences": f"{tenant}ox/differences/",
        "removed": f"{tenant}removed/",
        "adoptions": "/customers/adopt/",
        "adoption-add": "/customers/adopt/add/",
    }


def first(page: Page, listed: str) -> str:
    """The address of the first object of a list."""
    page.goto(listed)
    return page.locator("a.person-name").first.get_attribute("href") or ""


def take(out: Path, url: str, email: str, password: str) -> None:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM)
        for width in WIDTHS:
            for theme in THEMES:
                fresh = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme).new_page()
                fresh.goto(url + "/")
                fresh.screenshot(path=out / f"sign-in-{width}-{theme}.png", full_page=True)
                page = signed_in(browser, url, email, password, width=width, theme=theme)
                for name, address in pages_of(page, url).items():
                    page.goto(url + address)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=out / f"{name}-{width}-{theme}.png", full_page=True)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    wishes = parser.parse_args()
    wishes.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="oxherd-pictures-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        process, url = start(folder)
        try:
            email, password = next(iter(passwords(folder).items()))
            take(wishes.out, url, email, password)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    print(f"{len(list(wishes.out.glob('*.png')))} pictures in {wishes.out}")


if __name__ == "__main__":
    main()
