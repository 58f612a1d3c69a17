# SPDX-License-Identifier: MIT
#
# Makes a C++ source of text files, so that a program carries its pages with it:
#   embed.py OUTPUT NAMESPACE NAME=FILE ...
# defines `extern const std::string_view NAME` in NAMESPACE for each; the header that declares them
# is written by hand.
import sys
from pathlib import Path

# Compilers limit one literal to 64 kB; adjacent ones become one text.
PIECE = 8000


def literal(text: str) -> str:
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)] or [""]
    return "\n".join(f'    R"phork({piece})phork"' for piece in pieces)


def main(output: str, namespace: str, *assets: str) -> None:
    lines = [f"#include <string_view>\n\nnamespace {namespace} {{"]
    for asset in assets:
        name, _, path = asset.partition("=")
        text = Path(path).read_text(encoding="utf-8")
        if ')phork"' in text:
            sys.exit(f"embed: read '{path}': it must not hold )phork\"")
        lines.append(f"extern const std::string_view {name};")
        lines.append(f"const std::string_view {name} =\n{literal(text)};")
    lines.append("}")
    Path(output).write_text("\n\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
