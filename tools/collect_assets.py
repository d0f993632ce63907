#!/usr/bin/env python3
"""Copy what the panel shows of its npm packages into src/oxherd/panel/static/vendor/, and build the icon sprite.

Uses the standard library only, so that it runs before anything is installed.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
PANEL = ROOT / "src" / "oxherd" / "panel"
VENDOR = PANEL / "static" / "vendor"

COPIES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    "LICENSE-inter.txt": "@fontsource-variable/inter/LICENSE",
    "LICENSE-icons.txt": "@tabler/icons/LICENSE",
}
# The static storage looks for the map that such a line names, and does not find it.
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+)\s*$")
FONT_FACE = """@font-face {{
  font-family: "Inter Variable";
  font-style: normal;
  font-display: swap;
  font-weight: 100 900;
  src: url("inter-{subset}.woff2") format("woff2");
  unicode-range: {characters};
}}
"""


class AssetError(Exception):
    """Something is missing or unknown. The text says what, and what to do."""


def source(name: str) -> Path:
    path = PACKAGES / name
    if not path.exists():
        raise AssetError(f"{path} is missing: run `make setup`.")
    return path


def copy_files() -> None:
    for target, name in COPIES.items():
        content = source(name).read_bytes()
        (VENDOR / target).write_bytes(SOURCE_MAP.sub(b"\n", content) if target.endswith((".css", ".js")) else content)


def write_font_styles() -> None:
    """Write our own style sheet of the font: the package's own names many files that we do not serve."""
    styles = source("@fontsource-variable/inter/wght.css").read_text()
    faces = []
    for subset in ("latin-ext", "latin"):
        found = re.search(rf"inter-{subset}-wght-normal\.woff2\).*?unicode-range: ([^;]+);", styles, re.DOTALL)
        if found is None:
            raise AssetError(f"The font package no longer says which characters {subset} covers: look at its wght.css.")
        faces.append(FONT_FACE.format(subset=subset, characters=found[1]))
    (VENDOR / "inter.css").write_text("".join(faces))


def icon_names() -> list[str]:
    lines = (PANEL / "icons.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def symbol(name: str) -> str:
    path = source("@tabler/icons/icons/outline") / f"{name}.svg"
    if not path.exists():
        raise AssetError(f"src/oxherd/panel/icons.txt: @tabler/icons has no outline icon called {name!r}.")
    shapes = re.sub(r"^.*?<svg.*?>|</svg>.*$", "", path.read_text(), flags=re.DOTALL)
    # The first path of each icon is an invisible square that only editors need.
    shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", shapes)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(shapes.split())}</symbol>'


def write_sprite() -> None:
    names = icon_names()
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AssetError(f"src/oxherd/panel/icons.txt names these icons twice: {', '.join(twice)}.")
    drawing = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    # Presentation attributes of a <symbol> are inherited by its shapes wherever it is used.
    symbols = [symbol(name).replace("<symbol ", f"<symbol {drawing} ", 1) for name in names]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (VENDOR / "icons.svg").write_text(sprite)


def main() -> int:
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    try:
        copy_files()
        write_font_styles()
        write_sprite()
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
