# SPDX-License-Identifier: MIT
#
# The table "Troubleshooting": each message of it is looked for in the sources.

import re
from pathlib import Path

from page import Page

ROOMS = ("cli", "packaging", "runtime", "supervisor", "strategies", "php-worker", "emulator")


def source_text(source: Path) -> str:
    """All literals in one text; one that goes over several lines is put together."""
    files = [
        file
        for room in ROOMS
        for file in (source / room).rglob("*")
        if file.suffix in (".cpp", ".h", ".php")
    ]
    files.append(source / "tests/readonly/run")
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(files))
    return re.sub(r'"\s*\n\s*"', "", text)


def check(source: Path, page: Page) -> None:
    table = page.text[page.text.index("## Troubleshooting") :]
    sources = source_text(source)
    rows = re.findall(r"^\| (`.*?) \|", table, re.M)
    for row in rows:
        # The C library's own, which no source of ours has.
        if row.endswith("(glibc)"):
            continue
        for message in re.findall(r"`(.*?)`", row):
            # Names of this page stand where the sources have values.
            for part in re.split(r"\bImageUri\b|\bhttp\b|\bsam\b", message):
                assert part.strip("' ") in sources, f"no source says: {part} (of {message})"
    assert len(rows) > 10, f"{page.name}: the page has lost its messages"
