# SPDX-License-Identifier: MIT
#
# The page that `phork bench --html` writes, in a browser: it loads nothing and causes no complaint,
# draws every figure, fits a telephone, works with the keyboard, has names for assistive technology
# and follows the reader's colour scheme. Skipped without Chromium. Times are not checked.
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from webdriver import SKIPPED, Browser, missing_programs

FUNCTION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "function")
FIGURES = ["distribution", "billed", "cold-start", "cost", "rate", "arrivals-1"]
STRATEGIES = ["inprocess", "fork", "fpm"]
TELEPHONE = (390, 844)
SUMMARY = "section[aria-label=Summary] .wide"
# Virtual key codes of DevTools.
KEYS = {"Tab": 9, "Enter": 13, "ArrowRight": 39}


def write_report(page: str) -> None:
    program = os.path.join(os.environ["PHORK_BUILD"], "phork")
    options = "--strategy inprocess,fork,fpm --rounds 2 -n 20 --arrivals burst:5 --ab"
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

    def test_it_is_one_file_without_complaints_of_the_browser(self):
        asked = [url for url in self.browser.requested() if not url.startswith("data:")]
        self.assertEqual(asked, [self.url])
        self.assertEqual(self.browser.complaints(), [])

    def test_every_figure_is_drawn(self):
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

    def test_strips_have_a_row_for_each_strategy_with_a_text_alternative(self):
        rows = self.browser.texts("#distribution .row .name")
        self.assertEqual(rows, STRATEGIES)
        titles = self.browser.texts("#distribution svg title")
        self.assertEqual([title.split(":")[0] for title in titles], rows)

    def test_figures_open_a_table_of_their_values(self):
        self.assertFalse(self.is_visible("#distribution table"))
        self.browser.click("#distribution summary")
        self.assertTrue(self.is_visible("#distribution table"))
        self.assertEqual(self.browser.count("#distribution tbody tr"), len(STRATEGIES))

    def test_the_recommendation_comes_first_and_is_marked_in_the_table(self):
        headline = self.browser.text(".headline")
        self.assertRegex(headline, r"^Use (inprocess|fork|fpm): ")
        chosen = self.browser.text("section table tr.chosen th")
        self.assertTrue(headline.startswith(f"Use {chosen.split()[0]}: "), chosen)

    def test_on_a_telephone_tables_scroll_and_the_page_does_not(self):
        self.browser.resize(*TELEPHONE)
        self.open_all_details()
        self.assertLessEqual(
            self.browser.run("return document.documentElement.scrollWidth;"), TELEPHONE[0]
        )
        regions = self.regions()
        scrolling = [one["name"] for one in regions if one["content"] > one["room"]]
        self.assertIn("Measurements", scrolling)
        self.assertIn("Price of a million events", scrolling)
        hinted = [one["name"] for one in regions if one["hint"]]
        self.assertEqual(hinted, scrolling)

    def test_on_a_telephone_captions_and_names_of_rows_stay_in_view(self):
        self.browser.resize(*TELEPHONE)
        self.browser.run("document.querySelector(arguments[0]).scrollLeft = 1e6;", SUMMARY)
        for inside in ("caption span", "tbody th"):
            left, right = self.browser.run(
                "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
                "return [box.left, box.right];",
                f"{SUMMARY} {inside}",
            )
            self.assertGreaterEqual(left, 0, inside)
            self.assertLessEqual(right, TELEPHONE[0], inside)

    def test_on_a_desktop_the_summary_fits_and_has_no_hint(self):
        summary = self.regions()[0]
        self.assertEqual(summary["name"], "Measurements")
        self.assertLessEqual(summary["content"], summary["room"])
        self.assertFalse(summary["hint"])

    def test_the_keyboard_scrolls_a_table(self):
        self.browser.resize(*TELEPHONE)
        self.tab_to(SUMMARY)
        outline = "return getComputedStyle(document.activeElement).outlineStyle;"
        self.assertEqual(self.browser.run(outline), "solid")
        self.press("ArrowRight")
        position = "return document.activeElement.scrollLeft;"
        self.browser.wait_for("the table scrolls", lambda: self.browser.run(position) > 0)

    def test_the_keyboard_opens_the_table_of_a_figure_and_goes_on_to_it(self):
        self.tab_to("#billed summary")
        self.press("Enter")
        self.browser.wait_for("the table", lambda: self.is_visible("#billed table"))
        self.press("Tab")
        self.assertTrue(self.is_focused("#billed .wide"))

    def test_figures_tables_and_regions_have_names_of_their_own(self):
        self.open_all_details()
        nodes = self.accessible_nodes()
        for role, least in (("figure", 6), ("region", 9), ("table", 8)):
            names = [name for kind, name in nodes if kind == role]
            self.assertGreaterEqual(len(names), least, role)
            self.assertEqual(len(set(names)), len(names), f"{role}: {names}")
            self.assertNotIn("", names, role)

    def test_pictures_headers_and_buttons_have_names(self):
        self.open_all_details()
        nodes = self.accessible_nodes()
        for roles in (
            {"image", "img"},
            {"columnheader"},
            {"rowheader"},
            {"heading"},
            {"DisclosureTriangle", "button"},
        ):
            names = [name for kind, name in nodes if kind in roles]
            self.assertGreater(len(names), 1, roles)
            self.assertNotIn("", names, roles)
        headers = self.browser.run(
            "return [...document.querySelectorAll('th')].filter((one) => !one.scope).length;"
        )
        self.assertEqual(headers, 0)

    def test_it_follows_the_colour_scheme(self):
        ground = "return getComputedStyle(document.body).backgroundColor;"
        light = self.browser.run(ground)
        self.browser.prefer_dark(True)
        self.assertNotEqual(self.browser.run(ground), light)

    def is_visible(self, selector: str) -> bool:
        return self.browser.run(
            "return document.querySelector(arguments[0]).checkVisibility();", selector
        )

    def is_focused(self, selector: str) -> bool:
        return self.browser.run(
            "return document.activeElement === document.querySelector(arguments[0]);", selector
        )

    def open_all_details(self) -> None:
        self.browser.run("for (const one of document.querySelectorAll('details')) one.open = true;")

    def regions(self) -> list[dict]:
        """Each region that may scroll: its name, its room, the width of its content, and whether
        its hint shows."""
        return self.browser.run(
            """return [...document.querySelectorAll('.wide')].map((one) => ({
              name: one.getAttribute('aria-label'),
              room: one.clientWidth,
              content: one.scrollWidth,
              hint: one.parentElement.querySelector('.hint').checkVisibility(),
            }));"""
        )

    def press_key(self, key: str, kind: str) -> None:
        event = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        if key == "Enter" and kind == "keyDown":
            event["text"] = "\r"
        self.browser.devtools("Input.dispatchKeyEvent", event)

    def press(self, key: str) -> None:
        """Presses a key wherever the focus is, as a user does."""
        self.press_key(key, "keyDown")
        self.press_key(key, "keyUp")

    def tab_to(self, selector: str) -> None:
        for _ in range(50):
            if self.is_focused(selector):
                return
            self.press("Tab")
        self.fail(f"{selector}: not reached by Tab")

    def accessible_nodes(self) -> list[tuple[str, str]]:
        """Role and name of each node that assistive technology sees."""
        nodes = self.browser.devtools("Accessibility.getFullAXTree", {})["nodes"]
        return [
            (one["role"]["value"], one.get("name", {}).get("value", "").strip())
            for one in nodes
            if not one["ignored"]
        ]


if __name__ == "__main__":
    if missing := missing_programs():
        print("skipped: not installed:", ", ".join(missing))
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
