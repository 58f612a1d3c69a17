# SPDX-License-Identifier: MIT
#
# The page at /_phork in a browser, while a function is served. Skipped without Chromium. No test
# sleeps: each waits for its expectation, with a deadline.
import os
import sys
import tempfile
import threading
import unittest
import unittest.mock
import urllib.parse
from contextlib import contextmanager

from served_function import ServedFunction, free_port
from webdriver import SKIPPED, Browser, missing_programs

FUNCTION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "function")
ROWS = "#invocations tbody tr"
LINES = "#log > div"
ENTER, ESCAPE = "\ue007", "\ue00c"


@contextmanager
def gate():
    """The path of a FIFO that blocks its readers, and a function that releases them."""
    with tempfile.TemporaryDirectory(prefix="phork-page-") as folder:
        path = os.path.join(folder, "gate")
        os.mkfifo(path)
        opened = []

        def let_pass():
            opened.append(os.open(path, os.O_RDWR))  # does not wait for a reader

        try:
            yield path, let_pass
        finally:
            if not opened:
                let_pass()  # releases the readers of a failed test
            os.close(opened[0])


@contextmanager
def in_background(action):
    thread = threading.Thread(target=action)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def logged(text: str) -> str:
    return "/log?line=" + urllib.parse.quote(text)


class StatusPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.browser.resize(1200, 900)

    def serve(self, *options: str, **more) -> ServedFunction:
        return self.enterContext(ServedFunction(FUNCTION, *options, **more))

    def open(self, function: ServedFunction) -> None:
        self.browser.open(function.page)
        self.wait("the page is live", lambda: self.browser.text("#connection") == "live")

    def wait(self, what: str, condition):
        return self.browser.wait_for(what, condition)

    def wait_for_rows(self, count: int) -> None:
        self.wait(f"{count} rows of events that ended", lambda: self.ended_rows() == count)

    def ended_rows(self) -> int:
        statuses = self.browser.texts(f"{ROWS} td:nth-child(3)")
        return sum(status != "running" for status in statuses)

    def tearDown(self):
        complaints = self.browser.complaints()
        expected = getattr(self, "expected_complaint", None)
        self.expected_complaint = None
        self.browser.open("about:blank")  # before the function ends, which the page would report
        self.assertEqual([one for one in complaints if not (expected and expected in one)], [])

    def test_the_page_makes_requests_only_to_the_emulator_and_causes_no_event(self):
        function = self.serve()
        self.browser.requested()
        self.open(function)
        asked = self.browser.requested()
        self.assertIn(function.page, asked)
        for url in asked:
            self.assertTrue(url.startswith((function.page, "data:")), url)
        self.assertEqual(self.browser.text("#events"), "0")
        self.assertEqual(self.browser.visible("#no-invocations"), 1)
        self.assertEqual(self.browser.text("#name"), "index.php")
        self.assertIn("1769 MB", self.browser.text("#facts"))

    def test_each_request_becomes_a_row_with_its_figures_newest_first(self):
        function = self.serve()
        self.open(function)
        for _ in range(3):
            self.assertEqual(function.get("/"), (200, "done"))
        function.get("/fail")
        self.wait_for_rows(4)
        self.assertEqual(self.browser.text("#events"), "4")
        self.assertEqual(self.browser.text("#errors"), "1")
        statuses = self.browser.texts(f"{ROWS} td:nth-child(3)")
        self.assertEqual(statuses, ["500 errorFunction.LogicException", "200", "200", "200"])
        self.assertEqual(self.browser.texts(f"{ROWS} button"), ["GET /fail", *["GET /"] * 3])
        for column in (4, 6, 7, 9):  # duration, latency, queued, memory
            for figure in self.browser.texts(f"{ROWS} td:nth-child({column})"):
                self.assertRegex(figure, r"^[\d,]+\.\d+$")
        # Only the first event paid for the start of its environment.
        inits = self.browser.texts(f"{ROWS} td:nth-child(8)")
        self.assertEqual(inits[:3], ["–"] * 3)
        self.assertRegex(inits[3], r"^[\d,]+\.\d+$")

    def test_the_filter_shows_invocations_of_a_path_and_status(self):
        function = self.serve()
        self.open(function)
        for path in ("/a?token=secret", "/status?code=404", "/status?code=503", "/fail"):
            function.get(path)
        self.wait_for_rows(4)
        shown = lambda: self.browser.run(
            f"return [...document.querySelectorAll('{ROWS}')].filter((row) => !row.hidden)"
            ".map((row) => row.querySelector('button').textContent + ' ' +"
            " row.cells[2].firstElementChild.textContent)"
        )
        self.assertEqual(shown(), ["GET /fail 500 error", "GET /status 503", "GET /status 404",
                                   "GET /a 200"])
        # An answer of the 5xx class is an error, as is a failure.
        self.assertEqual(self.browser.text("#errors"), "2")
        self.choose_filter("#path-filter", "STATUS")
        self.assertEqual(shown(), ["GET /status 503", "GET /status 404"])
        self.choose_filter("#status-filter", "5")
        self.assertEqual(shown(), ["GET /status 503"])
        self.choose_filter("#path-filter", "nowhere")
        self.assertEqual(shown(), [])
        self.assertEqual(self.browser.visible("#no-match"), 1)
        # A new row is filtered, too.
        self.choose_filter("#path-filter", "")
        self.choose_filter("#status-filter", "failed")
        function.get("/other")
        self.wait_for_rows(5)
        self.assertEqual(shown(), ["GET /fail 500 error", "GET /status 503"])
        self.assertNotIn("secret", self.browser.run("return document.body.innerHTML"))

    def choose_filter(self, selector: str, value: str) -> None:
        self.browser.run(
            f"const one = document.querySelector('{selector}'); one.value = '{value}';"
            "one.dispatchEvent(new Event('input', {bubbles: true}));"
        )

    def test_the_histogram_counts_all_events_and_has_a_description(self):
        function = self.serve()
        self.open(function)
        self.assertEqual(self.browser.visible("#no-latency"), 1)
        for _ in range(5):
            function.get("/")
        counted = lambda: self.browser.texts("#percentiles tbody td:nth-child(2)") == ["5"]
        self.wait("five events are counted", counted)
        self.assertEqual(self.browser.count("#histograms svg"), 1)
        label = self.browser.run(
            "return document.querySelector('#histograms svg').getAttribute('aria-label')"
        )
        self.assertRegex(label, r"^Latencies of 5 events under fork: p50 \d")
        titles = self.browser.texts("#histograms .bar title")
        self.assertEqual(sum(int(title.split()[0]) for title in titles), 5)
        self.assertEqual(self.browser.visible("#no-latency"), 0)

    def test_choosing_an_invocation_shows_only_its_log_lines(self):
        function = self.serve()
        self.open(function)
        function.get(logged("apple"))
        function.get(logged("pear"))
        self.wait_for_rows(2)
        self.wait("both lines", lambda: {"apple", "pear"} <= set(self.browser.texts("#log .text")))
        everything = self.browser.visible(LINES)
        self.browser.click(f"{ROWS}:nth-child(2) td:nth-child(4)")
        shown = self.shown_texts()
        self.assertIn("apple", shown)
        self.assertNotIn("pear", shown)
        self.assertTrue(any(text.startswith("REPORT\tDuration: ") for text in shown), shown)
        self.assertLess(self.browser.visible(LINES), everything)
        self.assertEqual(self.browser.count(f"{ROWS}.chosen"), 1)
        # New lines are filtered, too.
        function.get(logged("plum"))
        self.wait_for_rows(3)
        self.wait("the line has come", lambda: "plum" in self.browser.texts("#log .text"))
        self.assertNotIn("plum", self.shown_texts())
        self.browser.press(ESCAPE)
        self.assertIn("plum", self.shown_texts())
        self.assertEqual(self.browser.count(f"{ROWS}.chosen"), 0)

    def shown_texts(self) -> list[str]:
        return self.browser.run(
            "return [...document.querySelectorAll('#log .text')]"
            ".filter((one) => one.getClientRects().length > 0).map((one) => one.textContent)"
        )

    def test_invocations_are_chosen_and_released_by_keyboard(self):
        function = self.serve()
        self.open(function)
        function.get("/")
        self.wait_for_rows(1)
        button = f"{ROWS} button"
        pressed = f"return document.querySelector('{button}').getAttribute('aria-pressed')"
        self.browser.press(ENTER, button)
        self.assertEqual(self.browser.run(pressed), "true")
        self.browser.press(ENTER, button)
        self.assertEqual(self.browser.run(pressed), "false")

    def test_markup_in_the_log_stays_text(self):
        function = self.serve()
        self.open(function)
        attacks = [
            "<script>document.title = 'taken'</script>",
            "<img src=x onerror=\"document.title = 'taken'\">",
            "</div></section><h1>taken</h1>",
            '"},{"text":"taken',
            "\\u003cb\\u003e &lt;i&gt;",
        ]
        function.get(logged("\n".join(attacks)))
        self.wait(
            "the lines are shown as written",
            lambda: set(attacks) <= set(self.browser.texts("#log .text")),
        )
        self.assertEqual(self.browser.count("#log img, #log script, #log h1, #log b, #log i"), 0)
        self.assertEqual(self.browser.count("h1"), 1)
        self.assertNotIn("taken", self.browser.run("return document.title"))

    def test_lines_have_their_level_and_their_time(self):
        function = self.serve()
        self.open(function)
        function.get(logged("PHP Warning:  oh\nPHP Fatal error:  no\nplain words"))
        self.wait("the lines", lambda: "plain words" in self.browser.texts("#log .text"))
        self.assertEqual(self.browser.texts("#log .warning .text"), ["WARN  PHP Warning:  oh"])
        self.assertEqual(
            self.browser.texts("#log .error .text"), ["FATAL  PHP Fatal error:  no"]
        )
        for time in self.browser.texts("#log time"):
            self.assertRegex(time, r"^\d\d:\d\d:\d\d\.\d{3}$")

    def test_records_in_json_have_their_level(self):
        with unittest.mock.patch.dict(os.environ, {"AWS_LAMBDA_LOG_FORMAT": "JSON"}):
            function = self.serve()
        self.open(function)
        function.get(logged("PHP Warning:  oh"))
        self.wait("the line", lambda: self.browser.count("#log .warning .text") == 1)
        self.assertIn('"message":"PHP Warning:  oh"', self.browser.text("#log .warning .text"))

    def test_platform_lines_in_json_are_quiet_unless_they_report_a_failure(self):
        with unittest.mock.patch.dict(os.environ, {"AWS_LAMBDA_LOG_FORMAT": "JSON"}):
            function = self.serve()
        self.open(function)
        function.get("/")
        quiet = lambda: self.browser.texts("#log .platform .text")
        self.wait("the report", lambda: any('"platform.report"' in text for text in quiet()))
        for text in quiet():
            self.assertRegex(text, r'^{"time":"[^"]+","type":"platform\.(initStart|start|report)",')
        self.assertEqual(self.browser.count("#log .error"), 0)
        function.get("/fail")
        loud = lambda: self.browser.texts("#log .error .text")
        self.wait("the failed report", lambda: any('"platform.report"' in text for text in loud()))
        self.assertFalse(any('"status":"error"' in text for text in quiet()))

    def test_environments_show_their_states(self):
        function = self.serve("--concurrency", "2")
        self.open(function)
        self.wait("one environment idles", lambda: self.states() == ["idle"])
        with gate() as (path, let_pass):
            with in_background(lambda: function.get("/wait?gate=" + path)):
                self.wait("it is busy", lambda: self.states() == ["busy"])
                self.wait(
                    "its event runs",
                    lambda: self.browser.texts(f"{ROWS} td:nth-child(3)") == ["running"],
                )
                function.get("/")
                self.wait("another one idles", lambda: self.states() == ["busy", "idle"])
                self.assertEqual(self.browser.text("#busy"), "1")
                let_pass()
        self.wait("both idle", lambda: self.states() == ["idle", "idle"])
        self.wait_for_rows(2)

    def states(self) -> list[str]:
        cells = self.browser.texts("#environments tbody td:nth-child(2)")
        return [cell.split()[0] for cell in cells]

    def test_the_page_works_while_the_function_starts(self):
        with gate() as (path, let_pass):
            with unittest.mock.patch.dict(os.environ, {"BOOT_GATE": path}):
                function = self.serve(ready=False)
            self.open(function)
            self.wait("the environment starts", lambda: self.states() == ["starting"])
            let_pass()
            self.wait("it idles", lambda: self.states() == ["idle"])

    def test_new_lines_do_not_move_a_log_that_is_scrolled_up(self):
        function = self.serve()
        self.open(function)
        position = "const log = document.getElementById('log'); return log.scrollTop"
        rest = "const log = document.getElementById('log');" + (
            "return log.scrollHeight - log.clientHeight - log.scrollTop"
        )
        function.get(logged("\n".join(f"early {i}" for i in range(100))))
        self.wait("all lines", lambda: "early 99" in self.browser.texts("#log .text"))
        self.wait("the end is in view", lambda: self.browser.run(rest) < 2)
        self.browser.run("document.getElementById('log').scrollTop = 200")
        self.wait("the button to the newest line is shown", lambda: self.browser.visible("#follow") == 1)
        function.get(logged("late"))
        self.wait("the new line", lambda: "late" in self.browser.texts("#log .text"))
        self.assertEqual(self.browser.run(position), 200)
        self.browser.click("#follow")
        self.wait("the end is in view", lambda: self.browser.run(rest) < 2)
        self.wait("the button is hidden", lambda: self.browser.visible("#follow") == 0)

    def test_another_emulator_on_the_same_port_starts_with_an_empty_page(self):
        self.expected_complaint = "net::ERR_CONNECTION_REFUSED"
        port = free_port()
        with ServedFunction(FUNCTION, port=port) as function:
            self.open(function)
            function.get(logged("of the first"))
            self.wait_for_rows(1)
        self.wait("the page reports the loss", lambda: "no answer" in self.browser.text("#connection"))
        function = self.serve(port=port)
        self.wait("it is live again", lambda: self.browser.text("#connection") == "live")
        self.wait("the rows are gone", lambda: self.browser.count(ROWS) == 0)
        self.assertNotIn("of the first", self.browser.texts("#log .text"))
        function.get("/")
        self.wait_for_rows(1)

    def test_at_390_px_the_page_fits_and_wide_tables_scroll_with_a_hint(self):
        function = self.serve()
        self.open(function)
        function.get("/fail")
        self.wait_for_rows(1)
        self.wait("a wide page has no hints", lambda: self.browser.visible(".hint") == 0)
        self.browser.resize(390, 844)
        hint = "section[aria-labelledby=invocations-title] .hint"
        self.wait("the hint is shown", lambda: self.browser.visible(hint) == 1)
        page = "return document.documentElement.scrollWidth"
        self.wait("the page fits", lambda: self.browser.run(page) <= 390)
        shown, all_columns = self.browser.run(
            "const table = document.querySelector('#invocations').parentElement;"
            "return [table.clientWidth, table.scrollWidth];"
        )
        self.assertLess(shown, 390)
        self.assertGreater(all_columns, shown)
        # A hint is shown under each table that scrolls, and under no other.
        self.assertEqual(*self.browser.run(
            "const tables = [...document.querySelectorAll('.table')];"
            "return [tables.map((one) => one.scrollWidth > one.clientWidth),"
            "  tables.map((one) => !one.parentElement.querySelector('.hint').hidden)];"
        ))
        self.browser.resize(1200, 900)
        self.wait("the hints are gone", lambda: self.browser.visible(".hint") == 0)

    def test_the_tab_key_reaches_everything_in_order_with_a_visible_focus(self):
        function = self.serve()
        self.open(function)
        function.get("/")
        function.get("/")
        self.wait_for_rows(2)
        # A click by the mouse would make the Tab key start there.
        self.browser.run(f"document.querySelector('{ROWS} button').click()")
        self.browser.resize(390, 844)
        places = []
        for _ in range(10):
            self.type_key("Tab", 9)
            place, outline = self.browser.run(
                """const one = document.activeElement;
                const style = getComputedStyle(one);
                return [one.labels?.length ? one.id : one.getAttribute('aria-labelledby') || one.textContent.slice(0, 80),
                        [style.outlineStyle, parseFloat(style.outlineWidth)]];"""
            )
            places.append(place)
            with self.subTest(place=place):
                self.assertEqual(outline[0], "solid")
                self.assertGreaterEqual(outline[1], 2)
        requests = self.browser.texts(f"{ROWS} button")
        self.assertEqual(
            places,
            ["Skip to the log", "environments-title", "latency-title", "path-filter",
             "status-filter", "invocations-title",
             *requests, "Show all", "log-title"],
        )

    def test_the_arrow_keys_scroll_a_table_and_enter_shows_all_lines_again(self):
        function = self.serve()
        self.open(function)
        function.get("/")
        self.wait_for_rows(1)
        self.browser.resize(390, 844)
        self.browser.run("document.querySelector('#invocations').parentElement.focus()")
        self.type_key("ArrowRight", 39)
        left = "return document.querySelector('#invocations').parentElement.scrollLeft"
        self.wait("the table has scrolled", lambda: self.browser.run(left) > 0)
        self.browser.press(ENTER, f"{ROWS} button")
        self.browser.press(ENTER, "#clear-filter")
        self.assertEqual(self.browser.count(f"{ROWS}.chosen"), 0)
        # The button is gone; the focus must not be lost with it.
        focused = "return document.activeElement.id"
        self.assertEqual(self.browser.run(focused), "log")

    def type_key(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.browser.devtools(
                "Input.dispatchKeyEvent",
                {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code},
            )

    def test_screen_readers_get_names_headers_and_announcements(self):
        function = self.serve()
        self.open(function)
        function.get("/fail")
        self.wait_for_rows(1)
        self.wait("the failure is announced", lambda: self.browser.text("#news") == "1 event has failed")
        self.browser.click(f"{ROWS} button")
        request = self.browser.text("#filter-id")
        self.assertEqual(self.browser.text("#news"), f"Log of request {request}")
        named = self.accessible_names()
        for role, name in (
            ("heading", "index.php"),
            ("status", None),
            ("table", "Environments, by id"),
            ("table", "Percentiles of latency, by strategy"),
            ("table", "Invocations, newest first"),
            ("columnheader", "State"),
            ("columnheader", "Init ms , of the running process"),
            ("rowheader", "fork"),
            ("button", f"GET /fail, log of request {request}"),
            ("button", "Show all"),
            ("log", None),
            ("link", "Skip to the log"),
        ):
            with self.subTest(role=role, name=name):
                names = named.get(role, [])
                self.assertIn(name, names) if name else self.assertTrue(names)
        regions = named["region"]
        self.assertEqual(len([name for name in regions if name.startswith("Invocations")]), 2)
        self.assertNotIn("", [name for role in ("button", "region", "table", "image")
                              for name in named.get(role, [])])

    def accessible_names(self) -> dict[str, list[str]]:
        """The names in the page's accessibility tree, by role."""
        self.browser.devtools("Accessibility.enable", {})
        names: dict[str, list[str]] = {}
        for node in self.browser.devtools("Accessibility.getFullAXTree", {})["nodes"]:
            if not node.get("ignored"):
                role = node["role"]["value"]
                names.setdefault(role, []).append(node.get("name", {}).get("value", ""))
        self.browser.devtools("Accessibility.disable", {})
        return names

    def test_text_has_enough_contrast_in_light_and_dark_mode(self):
        function = self.serve()
        self.open(function)
        function.get("/fail")
        function.get(logged("PHP Warning:  oh"))
        self.wait_for_rows(2)
        self.wait("the line", lambda: self.browser.count("#log .warning .text") == 1)
        for dark in (False, True):
            self.browser.prefer_dark(dark)
            for selector in ("#facts", "h1", "td.quiet", ".failed", "#log .platform .text",
                             "#log .warning .text", "thead th", "#log time"):
                with self.subTest(selector=selector, dark=dark):
                    self.assertGreaterEqual(self.contrast(selector), 4.5)
        self.browser.prefer_dark(False)

    def contrast(self, selector: str) -> float:
        """The ratio of https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""
        colours = self.browser.run(
            """const one = document.querySelector(arguments[0]);
            const ground = (node) => {
              const colour = getComputedStyle(node).backgroundColor;
              return colour === 'rgba(0, 0, 0, 0)' ? ground(node.parentElement) : colour;
            };
            return [getComputedStyle(one).color, ground(one)]
              .map((colour) => colour.match(/[0-9.]+/g).slice(0, 3).map(Number));""",
            selector,
        )

        def luminance(colour: list[float]) -> float:
            shares = [value / 255 for value in colour]
            linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        low, high = sorted(luminance(colour) for colour in colours)
        return (high + 0.05) / (low + 0.05)


if __name__ == "__main__":
    if missing := missing_programs():
        print("skipped: not installed:", ", ".join(missing))
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
