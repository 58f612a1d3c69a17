# SPDX-License-Identifier: MIT
#
# A browser for tests: Chromium without a window, driven over the WebDriver protocol by chromedriver.
# Standard library only. One Browser owns one chromedriver, which listens on a free port, and
# everything that chromedriver starts; leaving the `with` block ends them. A failure of the browser
# or the page is a WebDriverError. Waits are for a condition, with a deadline.
# https://www.w3.org/TR/webdriver2/
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SKIPPED = 77  # what Meson takes for a skipped test
DEADLINE = 20.0  # seconds that wait_for() gives a condition


class WebDriverError(Exception):
    pass


def missing_programs() -> list[str]:
    return [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]


class Browser:
    def __init__(self, width: int = 1200, height: int = 900, dark: bool = False):
        self._folder = tempfile.TemporaryDirectory(prefix="phork-browser-")
        # A new process group, so that chromedriver and the browser are ended together.
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            self._base = f"http://127.0.0.1:{self._read_port()}"
            self._base += "/session/" + self._new_session(width, height, dark)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        if "/session/" in getattr(self, "_base", ""):
            try:
                self._call("DELETE", "")
            except (WebDriverError, OSError):
                pass  # it is ended below
        try:
            os.killpg(self._driver.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._driver.wait()
        self._driver.stdout.close()
        self._folder.cleanup()

    def _read_port(self) -> int:
        for line in self._driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found[1])
        raise WebDriverError("webdriver: start chromedriver: it ended without naming a port")

    def _new_session(self, width: int, height: int, dark: bool) -> str:
        arguments = [
            "--headless=new",
            "--no-sandbox",  # which Chromium does not have for root
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # loopback only
            "--hide-scrollbars",
            f"--user-data-dir={self._folder.name}",
            f"--window-size={width},{height}",
        ]
        if dark:
            arguments.append("--force-dark-mode")
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": shutil.which("chromium")},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        body = {"capabilities": {"alwaysMatch": capabilities}}
        return self._call("POST", "/session", body)["sessionId"]

    def _call(self, method: str, path: str, body: dict | None = None):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(
            self._base + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            what = value.get("message", "").splitlines()[:1]
            raise WebDriverError(f"webdriver: {method} {path}: {value.get('error')}: {what}") from None

    # The page

    def open(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments):
        """What `script`, the body of a function of these arguments, returns in the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def texts(self, selector: str) -> list[str]:
        """The text of all elements there, whether they are in view or not."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)",
            selector,
        )

    def text(self, selector: str) -> str:
        found = self.texts(selector)
        if not found:
            raise WebDriverError(f"webdriver: find '{selector}': nothing is there")
        return found[0]

    def count(self, selector: str) -> int:
        return self.run("return document.querySelectorAll(arguments[0]).length", selector)

    def visible(self, selector: str) -> int:
        """How many of the elements there take up any place."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter((one) => one.getClientRects().length > 0).length",
            selector,
        )

    def _find(self, selector: str) -> str:
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        return found[ELEMENT]

    def click(self, selector: str) -> None:
        """As a user does it: scrolls there, and fails when something else covers it."""
        self._call("POST", f"/element/{self._find(selector)}/click")

    def press(self, key: str, selector: str = "body") -> None:
        """Types `key`, a character; those without a glyph are in WebDriver's table of keys."""
        self._call("POST", f"/element/{self._find(selector)}/value", {"text": key})

    def resize(self, width: int, height: int) -> None:
        """The size of the page itself, down to widths that no window can have."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def prefer_dark(self, dark: bool) -> None:
        value = "dark" if dark else "light"
        feature = {"name": "prefers-color-scheme", "value": value}
        self.devtools("Emulation.setEmulatedMedia", {"features": [feature]})

    def devtools(self, command: str, parameters: dict):
        """A command of the DevTools protocol."""
        body = {"cmd": command, "params": parameters}
        return self._call("POST", "/goog/cdp/execute", body)

    def screenshot(self, path: str, whole_page: bool = False) -> None:
        if whole_page:
            result = self.devtools("Page.captureScreenshot", {"captureBeyondViewport": True})
            data = result["data"]
        else:
            data = self._call("GET", "/screenshot")
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    # What it did

    def complaints(self) -> list[str]:
        """Errors and warnings on the console since the last call: failed requests, violations of
        the content security policy, uncaught exceptions."""
        entries = self._call("POST", "/se/log", {"type": "browser"})
        return [one["message"] for one in entries if one["level"] in ("SEVERE", "WARNING")]

    def requested(self) -> list[str]:
        """The addresses that pages asked for since the last call, but for the browser's own."""
        entries = self._call("POST", "/se/log", {"type": "performance"})
        messages = [json.loads(one["message"])["message"] for one in entries]
        urls = [
            one["params"]["request"]["url"]
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith("chrome")]

    def wait_for(self, what: str, condition, deadline: float = DEADLINE):
        """The first result of condition() that is true; `what` says what was expected."""
        until = time.monotonic() + deadline
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() >= until:
                raise WebDriverError(f"webdriver: wait {deadline:g} s for '{what}': not so")
            time.sleep(0.02)
