#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Does what pages for people say: runs the commands of each page in a folder of its own and compares
# what they print, reads all other blocks as what they are, and looks up commands and options that
# are named in the text. CONTRIBUTING.md, "a page of documentation", says how blocks are marked.
# usage: check.py PAGE..., or check.py --others PAGE... for all pages but these; PAGE may be the
# folder of several. Exits with 77, which Meson counts as skipped, where packages are missing. Needs
# PHORK_SOURCE and PHORK_BUILD.

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import messages
import snippets
from console import Console, Skipped
from page import Block, Command, Page, commands
from programs import Programs

SOURCE = Path(os.environ["PHORK_SOURCE"])
BUILD = Path(os.environ["PHORK_BUILD"])
PAGES = ("README.md", "CONTRIBUTING.md", "RELEASING.md", "docs/*.md", "examples/*/README.md")
RUN = ("", "source", "aws")
KINDS = (*RUN, "setup", "usage")
# Exit codes of a program that does not understand its arguments.
USED_WRONGLY = {"aws": 252, "phork": 100}


def check_syntax(block: Block, command: Command) -> None:
    ended = subprocess.run(["bash", "-n"], input=command.text, text=True, capture_output=True)
    assert ended.returncode == 0 and not ended.stderr, f"{block.place}: {ended.stderr}"


def check_aws(command: str, console: Console) -> None:
    """Runs what needs AWS up to the call of AWS."""
    console.calls()
    console.run_any(re.sub(r"https://abc123\S*", "http://127.0.0.1:1/", command))
    called = console.calls()
    assert called or command.startswith("docker "), f"$ {command}\n{console.errors()}"
    for line in called:
        status, program, _ = line.split(" ", 2)
        if int(status) == 77:
            raise Skipped("there is no /usr/bin/aws (package awscli)")
        assert int(status) != USED_WRONGLY[program], f"{line}\n{console.errors()}"


def run_block(block: Block, console: Console) -> None:
    console.enter(console.clone() if block.mark == "source" else console.empty)
    for command in commands(block):
        try:
            if block.mark == "aws":
                check_aws(command.text, console)
                continue
            console.run(command)
            # The commands that `phork deploy` prints are for AWS.
            for line in command.shown:
                if re.match(r"(aws|docker) ", line):
                    check_aws(line, console)
        except AssertionError as error:
            raise AssertionError(f"{block.place}: {error}") from error


def check_text(page: Page, programs: Programs) -> int:
    """All that can be said without running anything; returns the number of commands."""
    count = 0
    for block in page.blocks:
        if block.language != "console":
            snippets.check(block)
            continue
        assert block.mark in KINDS, f"{block.place}: a console of the unknown kind '{block.mark}'"
        if block.mark == "usage":
            programs.check_usage(block.place, block.text)
            continue
        for command in commands(block):
            check_syntax(block, command)
            programs.check(block.place, command.text)
            count += 1
    for place, code in page.inline:
        programs.check_inline(place, code)
    snippets.check_names(SOURCE, page.name, page.text)
    messages.check_types(SOURCE, page)
    if page.name == "docs/deploy.md":
        messages.check_table(SOURCE, page)
    return count


def run_page(page: Page) -> None:
    with tempfile.TemporaryDirectory(prefix="phork-documentation.") as scratch:
        console = Console(Path(scratch), SOURCE, BUILD)
        try:
            for block in page.blocks:
                if block.language == "console":
                    if block.mark in RUN:
                        run_block(block, console)
                elif block.mark:
                    file = console.empty / block.mark
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(block.text)
        finally:
            left = console.end()
        assert not left, "a command left processes that do not end"


def names(arguments: list[str]) -> list[str]:
    every = [str(file.relative_to(SOURCE)) for part in PAGES for file in sorted(SOURCE.glob(part))]
    others = arguments[:1] == ["--others"]
    wanted = tuple(arguments[1:] if others else arguments)
    for name in wanted:
        assert any(page.startswith(name) for page in every), f"there is no page {name}"
    return [name for name in every if name.startswith(wanted) != others]


def main() -> int:
    said = subprocess.run([BUILD / "php-worker", "--version"], text=True, capture_output=True)
    php = re.search(r"PHP (\d+\.\d+)", said.stdout)[1]
    programs = Programs(SOURCE, BUILD)
    failed, skipped = False, False
    for name in names(sys.argv[1:]):
        try:
            page = Page.of(SOURCE, name, php)
            count = check_text(page, programs)
            if any(block.language == "console" and block.mark in RUN for block in page.blocks):
                run_page(page)
            print(f"{name}: {count} commands, {len(page.blocks)} blocks", flush=True)
        except Skipped as reason:
            print(f"{name}: skipped: {reason}", flush=True)
            skipped = True
        except AssertionError as error:
            print(f"{name}: {error}", flush=True)
            failed = True
    return 1 if failed else 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
