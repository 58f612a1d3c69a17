# SPDX-License-Identifier: MIT
#
# Makes docs/bench-report.png: the page of `phork bench` for the Symfony example, its upper part.
#   PHORK_BUILD=build python3 tests/browser/bench_report_picture.py [OUTPUT [WIDTH [dark]]]
# The example needs its packages (composer install). The figures are those of this machine, so
# nothing else should run on it.
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from webdriver import Browser

ROOT = Path(__file__).resolve().parents[2]
HEIGHT = 2076  # down to the first three figures at a width of 1200
FUNCTION = [str(ROOT / "examples" / "symfony"), "--handler", "phork.php", "--request", "GET /hello/Ada"]


def write_report(page: Path) -> None:
    program = os.path.join(os.environ["PHORK_BUILD"], "phork")
    options = ["--strategy", "all", "--html", str(page)]
    subprocess.run(
        [program, "bench", *FUNCTION, *options], check=True, stdout=subprocess.DEVNULL
    )


def main(output: str, width: int = 1200, dark: bool = False) -> None:
    with tempfile.TemporaryDirectory(prefix="phork-report-") as folder, Browser() as browser:
        page = Path(folder) / "report.html"
        write_report(page)
        browser.resize(width, HEIGHT)
        browser.prefer_dark(dark)
        browser.open(page.as_uri())
        browser.screenshot(output)


if __name__ == "__main__":
    os.environ.setdefault("PHORK_BUILD", str(ROOT / "build"))
    usual = [str(ROOT / "docs" / "bench-report.png"), "1200", "light"]
    chosen = sys.argv[1:] + usual[len(sys.argv) - 1 :]
    main(chosen[0], int(chosen[1]), chosen[2] == "dark")
