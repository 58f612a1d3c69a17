# SPDX-License-Identifier: MIT
#
# Which commands and options our programs have, by their own help, and whether those that a page
# names are among them.

import re
import shlex
import subprocess
from pathlib import Path

OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")
OPERATORS = set("();<>|&")
KEYWORDS = ("exec", "sudo", "if", "then", "do")
# Names that begin like commands: programs' versions, spans of tracing.md, variables' values.
NO_COMMANDS = re.compile(
    r"phork (boot|restore|event|refill)|phork \d\S*( .*)?|phork (error|info|warning): .*"
)
# Options of other programs, which pages name by themselves.
FOREIGN = {
    "--build-arg": "docker",
    "--no-dev": "composer",
    "--fail-on-skipped": "phpunit",
}


class Programs:
    def __init__(self, source: Path, build: Path):
        self._build = build
        self._options: dict[tuple[str, ...], set[str]] = {}
        self._phork = set(re.findall(r"^  ([a-z]+) ", self._help("phork", "--help"), re.M))
        assert {"serve", "invoke"} <= self._phork, "phork --help lists no commands"
        dev_help = self._run([str(source / "dev"), "help"])
        # A command is listed with its options, some in several entries.
        self._dev: dict[str, set[str]] = {}
        for command, text in re.findall(r"^  ([a-z]+)(.*(?:\n    .*)*)", dev_help, re.M):
            self._dev.setdefault(command, set()).update(OPTION.findall(text))
        assert {"build", "test"} <= self._dev.keys(), "./dev help lists no commands"
        self._all = set().union(FOREIGN, *self._dev.values())
        for command in self._phork:
            self._all |= self._known("phork", command)
        for suite in ("fork", "soak"):
            self._all |= self._known("phork-bench", suite)
        self._all |= self._known("bootstrap") | self._known("php-worker")

    def _run(self, command: list[str]) -> str:
        ended = subprocess.run(command, text=True, capture_output=True)
        return ended.stdout + ended.stderr

    def _help(self, program: str, *words: str) -> str:
        return self._run([str(self._build / program), *words])

    def _known(self, program: str, *words: str) -> set[str]:
        if (program, *words) not in self._options:
            asked = self._help(program, *words, *([] if program == "php-worker" else ["--help"]))
            self._options[program, *words] = set(OPTION.findall(asked)) | {"--help"}
        return self._options[program, *words]

    def check_inline(self, place: str, code: str) -> None:
        if re.match(r"--[a-z]", code):
            self._check_options(place, OPTION.findall(code)[:1], self._all, code)
        elif not NO_COMMANDS.fullmatch(code):
            self.check(place, code)

    def check_usage(self, place: str, text: str) -> None:
        """A synopsis, which has brackets and bars."""
        for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
            program, command = part.split()[:2]
            words = [command, *OPTION.findall(part)]
            self._check_words(place, program, words, " ".join(part.split()))

    def check(self, place: str, code: str) -> int:
        """Looks at each of our programs that the code starts; returns how many there were."""
        count = 0
        for words in simple_commands(code):
            program = words[0].rpartition("/")[2] if words[0] != "./dev" else "./dev"
            if program in ("phork", "bootstrap", "php-worker", "phork-bench", "./dev"):
                self._check_words(place, program, words[1:], code)
                count += 1
        return count

    def _check_words(self, place: str, program: str, words: list[str], code: str) -> None:
        words = words[: words.index("--")] if "--" in words else words
        options = [
            option for word in words if word[:1] in "-[" for option in OPTION.findall(word)[:1]
        ]
        command = words[0] if words and re.fullmatch(r"[a-z]+", words[0]) else ""
        if program == "phork":
            assert not command or command in self._phork, f"{place}: no command of phork: {code}"
            known = self._known("phork", command) if command else self._all | {"--version"}
        elif program == "./dev":
            assert not command or command in self._dev, f"{place}: no command of ./dev: {code}"
            known = self._dev[command] if command else self._all
            if command == "bench":
                suite = words[1] if words[1:] and words[1] in ("fork", "soak", "ratios") else "fork"
                known = known | self._known("phork-bench", suite)
        elif program == "phork-bench" and command:
            known = self._known(program, command)
        else:
            known = self._known(program)
        self._check_options(place, options, known, code)

    def _check_options(self, place: str, options: list[str], known: set[str], code: str) -> None:
        for option in options:
            assert option in known, f"{place}: no such option: {option} (in {code})"


def simple_commands(code: str) -> list[list[str]]:
    """The words of each command in a line of shell, without variables in front of it."""
    lexer = shlex.shlex(code.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    found: list[list[str]] = [[]]
    try:
        for word in lexer:
            if set(word) <= OPERATORS:
                found.append([])
            elif found[-1] or not (re.match(r"\w+=", word) or word in KEYWORDS):
                found[-1].append(word)
    except ValueError:  # a text that is no shell, such as a message with an apostrophe
        return []
    return [words for words in found if words]
