# SPDX-License-Identifier: MIT
#
# Makes one page of an HTML file and the style sheets and scripts beside it, and the content security
# policy under which exactly these may run:
#   inline_page.py INDEX.html PAGE_OUTPUT POLICY_OUTPUT
# The files are named by <link rel="stylesheet" href="FILE"> and <script src="FILE"></script>, so
# that the page also works as it stands.
import base64
import hashlib
import re
import sys
from pathlib import Path

STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
SCRIPT = re.compile(r'<script src="([^"]+)"></script>')


def digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main(index: str, page_output: str, policy_output: str) -> None:
    folder = Path(index).parent
    digests = {"style": [], "script": []}

    def inlined(tag: str):
        def replace(match: re.Match) -> str:
            text = "\n" + (folder / match[1]).read_text(encoding="utf-8")
            if f"</{tag}" in text.lower():
                sys.exit(f"inline_page: read '{match[1]}': it must not hold </{tag}")
            digests[tag].append(digest(text))
            return f"<{tag}>{text}</{tag}>"

        return replace

    page = Path(index).read_text(encoding="utf-8")
    for tag, pattern in (("style", STYLE), ("script", SCRIPT)):
        page, count = pattern.subn(inlined(tag), page)
        if count == 0:
            sys.exit(f"inline_page: read '{index}': expected a {tag} to inline, found none")
    policy = (
        f"default-src 'none'; style-src {' '.join(digests['style'])}; "
        f"script-src {' '.join(digests['script'])}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    Path(page_output).write_text(page, encoding="utf-8")
    Path(policy_output).write_text(policy, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
