# SPDX-License-Identifier: MIT
#
# A site in a browser, as `phork serve` shows it: pages by PHP, style sheet, picture and script as
# static files. Skipped without Chromium.
import sys
import tempfile
import unittest
from pathlib import Path

from served_function import ServedFunction
from webdriver import SKIPPED, Browser, missing_programs

EXAMPLE = str(Path(__file__).resolve().parents[2] / "examples" / "site")
PAGE = """<!doctype html><link rel="icon" href="data:,"><title>before</title>
<script type="module" src="/title.mjs"></script><?php echo '<h1>', 6 * 7, '</h1>';"""


class StaticFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def test_the_example_has_its_style_and_its_picture(self):
        function = self.enterContext(ServedFunction(EXAMPLE))
        self.browser.open(function.url + "/")
        self.assertIn("Welcome to 127.0.0.1", self.browser.text("h1"))
        colour = self.browser.run("return getComputedStyle(document.querySelector('h1')).color")
        self.assertEqual(colour, "rgb(75, 90, 156)")
        self.browser.wait_for(
            "the picture", lambda: self.browser.run("return document.images[0].naturalWidth") > 0
        )

    def test_a_module_runs_which_browsers_refuse_with_another_type(self):
        with tempfile.TemporaryDirectory(prefix="phork-site-") as folder:
            Path(folder, "index.php").write_text(PAGE)
            Path(folder, "title.mjs").write_text("document.title = 'after';")
            with ServedFunction(folder) as function:
                self.browser.open(function.url + "/")
                self.assertEqual(self.browser.text("h1"), "42")
                title = lambda: self.browser.run("return document.title") == "after"
                self.browser.wait_for("the script has run", title)


if __name__ == "__main__":
    if missing := missing_programs():
        print("skipped: not installed:", ", ".join(missing))
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
