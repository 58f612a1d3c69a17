# SPDX-License-Identifier: MIT
#
# Blocks that are no commands: each has to be what its language says.

import json
import re
import shutil
import subprocess
from pathlib import Path

import yaml

from page import Block


def check(block: Block) -> None:
    checks = {"php": php, "json": json_lines, "yaml": yaml_text, "ini": ini, "js": javascript}
    if block.language == "":
        for line in block.text.splitlines():
            assert not line.startswith(("$ ", "phork ", "aws ", "./dev ", "export ")), (
                f"{block.place}: a command in a block that is no `console`: {line}"
            )
        return
    assert block.language in checks, f"{block.place}: a block of the language '{block.language}'"
    error = checks[block.language](block.text)
    assert not error, f"{block.place}: {error}\n{block.text}"


def _run(command: list[str], text: str) -> str:
    ended = subprocess.run(command, input=text, text=True, capture_output=True)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def php(text: str) -> str:
    """A block without an opening tag is a piece of a file."""
    whole = text if text.startswith(("<?php", "#!")) else "<?php\n" + text
    return _run(["php", "-n", "-d", "display_errors=stderr", "-l"], whole)


def json_lines(text: str) -> str:
    """One value, or one on each line."""
    try:
        json.loads(text)
    except ValueError:
        try:
            for line in text.splitlines():
                json.loads(line)
        except ValueError as error:
            return str(error)
    return ""


class AnyTag(yaml.SafeLoader):
    """CloudFormation's tags, such as !Sub, are read as what they stand in front of."""


AnyTag.add_multi_constructor("!", lambda loader, tag, node: node.value)


def yaml_text(text: str) -> str:
    try:
        yaml.load(text, AnyTag)
    except yaml.YAMLError as error:
        return str(error)
    return ""


def ini(text: str) -> str:
    read = "exit(@parse_ini_string(stream_get_contents(STDIN), true, INI_SCANNER_RAW) ? 0 : 1);"
    return _run(["php", "-n", "-r", read], text) or ("" if "=" in text else "no settings")


def javascript(text: str) -> str:
    if not shutil.which("node"):
        return ""
    return _run(["node", "--input-type=module", "--check", "-"], text)


def check_names(source: Path, name: str, text: str) -> None:
    """Classes, namespaces and functions below Phork\\ are those of the Composer package."""
    package = source / "php-worker"
    functions = (package / "src/functions.php").read_text(encoding="utf-8")
    for found in re.findall(r"(?<![\w\\])Phork((?:\\\w+)+)(?![\w\\])", text):
        path = found[1:].replace("\\", "/")
        known = re.search(rf"^ *function {path}\(", functions, re.M) or any(
            (package / folder / path).with_suffix(suffix).exists()
            for folder, path in (("src", path), (".", path.replace("Testing", "testing", 1)))
            for suffix in (".php", "")
        )
        assert known, f"{name}: there is no Phork{found}"
