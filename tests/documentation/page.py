# SPDX-License-Identifier: MIT
#
# What is in a page for people: its fenced blocks, the commands of a console with what they print,
# and the inline code of its text.

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

OPENING = re.compile(r"( *)```(.*)")


@dataclass
class Block:
    place: str
    language: str
    # The words behind the language: the kind of a console, or the file that the text is for.
    mark: str
    text: str


@dataclass
class Command:
    text: str
    shown: list[str]


class Page:
    def __init__(self, name: str, text: str):
        self.name = name
        self.text = text
        self.blocks: list[Block] = []
        # Pairs of a place and a code between backticks.
        self.inline: list[tuple[str, str]] = []
        self._read(text)

    @staticmethod
    def of(root: Path, name: str, php: str) -> "Page":
        """The page as a reader with this PHP reads it: pages show Debian 12."""
        text = (root / name).read_text(encoding="utf-8")
        return Page(name, re.sub(r"(php/?)8\.2\b", rf"\g<1>{php}", text))

    def _read(self, text: str) -> None:
        lines = enumerate(text.splitlines(), 1)
        paragraph, start = [], 1
        for number, line in lines:
            opening = OPENING.fullmatch(line)
            if opening:
                self._add_inline(start, paragraph)
                paragraph = []
                self._add_block(number, opening, lines)
            elif not line or line.lstrip().startswith(("|", "-", "#")):
                self._add_inline(start, paragraph)
                paragraph, start = [line], number
            else:
                start = start if paragraph else number
                paragraph.append(line)
        self._add_inline(start, paragraph)

    def _add_block(self, number: int, opening: re.Match, lines) -> None:
        indent, mark = opening.groups()
        inside = []
        for _, line in lines:
            if line == indent + "```":
                break
            inside.append(line)
        else:
            raise AssertionError(f"{self.name}:{number}: a block that does not end")
        language, _, rest = mark.partition(" ")
        text = textwrap.dedent("\n".join(inside)) + "\n"
        self.blocks.append(Block(f"{self.name}:{number}", language, rest, text))

    def _add_inline(self, start: int, paragraph: list[str]) -> None:
        """A code may go over the end of a line, so paragraphs are read as a whole."""
        text = " ".join(paragraph)
        for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
            self.inline.append((f"{self.name}:{start}", re.sub(r"\s+", " ", code)))


def commands(block: Block) -> list[Command]:
    """A command begins with `$ `, and goes on behind a backslash and up to the end of its text."""
    found: list[Command] = []
    lines = iter(block.text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            assert found, f"{block.place}: output without a command: {line}"
            found[-1].shown.append(line)
            continue
        text = line[2:]
        while text.endswith("\\"):
            text += "\n" + next(lines)
        if "<<'END'" in text:
            for part in lines:
                text += "\n" + part
                if part == "END":
                    break
        found.append(Command(text, []))
    return found
