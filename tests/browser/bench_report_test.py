# SPDX-License-Identifier: MIT
#
# The page that `phork bench --html` writes, as a browser shows it: nothing from outside, nothing
# that the browser complains about, every figure drawn, readable on a telephone and in the dark.
# Skipped where there is no Chromium. How long anything took is no matter here.
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from webdriver import SKIPPED, Browser, missing_programs

FUNCTION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "function")
FIGURES = ["distribution", "billed", "cold-start", "cost", "rate", "arrivals-1"]


def write_report(page: str) -> None:
    program = os.path.join(os.environ["PHORK_BUILD"], "phork")
    options = "--strategies inprocess,fork,fpm --rounds 2 -n 20 --arrivals burst:5 --ab"
    subprocess.run(
        [program, "bench", FUNCTION, *options.split(), "--html", page],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=150,
    )


class BenchReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="phork-report-"))
        page = os.path.join(folder, "report.html")
        write_report(page)
        cls.url = pathlib.Path(page).as_uri()
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.browser.resize(1200, 900)
        self.browser.prefer_dark(False)
        self.browser.requested()
        self.browser.complaints()
        self.browser.open(self.url)

    def test_it_is_one_file_that_the_browser_does_not_complain_about(self):
        asked = [url for url in self.browser.requested() if not url.startswith("data:")]
        self.assertEqual(asked, [self.url])
        self.assertEqual(self.browser.complaints(), [])

    def test_every_figure_is_drawn_and_has_its_name(self):
        ids = self.browser.run(
            "return [...document.querySelectorAll('figure[id]')].map((one) => one.id);"
        )
        self.assertEqual(ids, FIGURES)
        for name in FIGURES:
            area = self.browser.run(
                "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
                "return box.width * box.height;",
                f"#{name} svg",
            )
            self.assertGreater(area, 5_000, name)
            title = self.browser.run(
                "const one = document.getElementById(arguments[0]);"
                "return document.getElementById(one.getAttribute('aria-labelledby')).textContent;",
                name,
            )
            self.assertTrue(title)

    def test_strips_have_a_row_for_each_strategy_in_words_too(self):
        rows = self.browser.texts("#distribution .row .name")
        self.assertEqual(rows, ["inprocess", "fork", "fpm"])
        titles = self.browser.run(
            "return [...document.querySelectorAll('#distribution svg title')]"
            ".map((one) => one.textContent);"
        )
        self.assertEqual([title.split(":")[0] for title in titles], rows)

    def test_figures_open_a_table_with_their_values(self):
        shown = "return document.querySelector('#distribution table').checkVisibility();"
        self.assertFalse(self.browser.run(shown))
        self.browser.click("#distribution summary")
        self.assertTrue(self.browser.run(shown))
        self.assertEqual(self.browser.count("#distribution tbody tr"), 3)

    def test_the_recommendation_comes_first_and_is_marked_in_the_table(self):
        headline = self.browser.text(".headline")
        self.assertRegex(headline, r"^Use (inprocess|fork|fpm): ")
        chosen = self.browser.text("section table tr.chosen th")
        self.assertTrue(headline.startswith(f"Use {chosen.split()[0]}: "), chosen)

    def test_it_fits_a_telephone(self):
        self.browser.resize(390, 844)
        self.browser.open(self.url)
        self.assertLessEqual(
            self.browser.run("return document.documentElement.scrollWidth;"), 390
        )

    def test_it_follows_the_readers_scheme(self):
        ground = "return getComputedStyle(document.body).backgroundColor;"
        light = self.browser.run(ground)
        self.browser.prefer_dark(True)
        self.assertNotEqual(self.browser.run(ground), light)


if __name__ == "__main__":
    if missing := missing_programs():
        print("skipped: not installed:", ", ".join(missing))
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
