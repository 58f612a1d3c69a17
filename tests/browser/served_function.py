# SPDX-License-Identifier: MIT
#
# A function under `phork serve`, for tests in a browser: listens on a free port of 127.0.0.1 and ends
# with the `with` block. PHORK_BUILD names the folder of the programs.
import os
import queue
import socket
import subprocess
import threading
import urllib.error
import urllib.request

DEADLINE = 30.0  # seconds for the start, and for a request


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServedFunction:
    def __init__(self, folder: str, *options: str, port: int | None = None, ready: bool = True):
        """`ready` waits for the function's init; without it the init may take long or fail."""
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.page = self.url + "/_phork"
        self.output: list[str] = []
        self._news: queue.Queue = queue.Queue()
        program = os.path.join(os.environ["PHORK_BUILD"], "phork")
        self._process = subprocess.Popen(
            # Lambda's lines tell when an init begins.
            [program, "serve", folder, "--port", str(self.port), "--log", "lambda", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._wait_for("ready: " if ready else "INIT_START"):
            self.close()
            raise RuntimeError("serve: start function: " + "".join(self.output))

    def __enter__(self) -> "ServedFunction":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=DEADLINE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def _read(self) -> None:
        for line in self._process.stdout:
            self.output.append(line)
            self._news.put(line)
        self._news.put(None)

    def _wait_for(self, start: str) -> bool:
        while True:
            try:
                line = self._news.get(timeout=DEADLINE)
            except queue.Empty:
                return False
            if line is None or line.startswith(start):
                return line is not None
