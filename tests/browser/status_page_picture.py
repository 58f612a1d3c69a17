# SPDX-License-Identifier: MIT
#
# Makes docs/status-page.png: the page at /_phork after some traffic on the Symfony example.
#   PHORK_BUILD=build python3 tests/browser/status_page_picture.py [OUTPUT [WIDTH [dark]]]
# Needs the packages of the example (composer install) and ab (apache2-utils), which makes the load.
import os
import subprocess
import sys
from pathlib import Path

from served_function import ServedFunction
from webdriver import Browser

ROOT = Path(__file__).resolve().parents[2]
HEIGHT = 1100
ROWS = "#invocations tbody tr"


def send_traffic(function: ServedFunction) -> None:
    page = function.url + "/hello/Ada?minimum_km=50000"
    command = ["ab", "-q", "-l", "-n", "200", "-c", "4", page]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for path in ("/hello/Ada?minimum_km=none", "/not-there", "/hello/Grace"):
        function.get(path)


def main(output: str, width: int = 1200, dark: bool = False) -> None:
    folder = str(ROOT / "examples" / "symfony")
    options = ("--handler", "phork.php", "--concurrency", "4")
    with ServedFunction(folder, *options) as function, Browser() as browser:
        browser.resize(width, HEIGHT)
        browser.prefer_dark(dark)
        browser.open(function.page)
        send_traffic(function)
        browser.wait_for("all rows", lambda: browser.text("#events") == "203")
        browser.wait_for("full table", lambda: browser.count(ROWS) == 200)
        browser.screenshot(output)


if __name__ == "__main__":
    os.environ.setdefault("PHORK_BUILD", str(ROOT / "build"))
    usual = [str(ROOT / "docs" / "status-page.png"), "1200", "light"]
    chosen = sys.argv[1:] + usual[len(sys.argv) - 1 :]
    main(chosen[0], int(chosen[1]), chosen[2] == "dark")
