# SPDX-License-Identifier: MIT
#
# What pages say that phork says: error types, and the messages of the table "Troubleshooting" of
# deploy.md, are looked for in the sources.

import functools
import re
from pathlib import Path

from page import Page

ROOMS = ("cli", "packaging", "runtime", "supervisor", "strategies", "php-worker", "emulator")


@functools.cache
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


def check_types(source: Path, page: Page) -> None:
    for found in set(re.findall(r"\b(?:Runtime|Sandbox)\.[A-Z]\w+", page.text)):
        assert found in source_text(source), f"{page.name}: no source has the error type {found}"


def check_table(source: Path, page: Page) -> None:
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
