# SPDX-License-Identifier: MIT
#
# The AWS CLI against the Invoke API of `phork serve`; started by tests/sdk/run. Streams, which
# Debian's CLI cannot ask for, are read with the decoder that it brings along.
import base64
import json
import os
import subprocess
import time
import unittest
import urllib.request

SCRATCH = os.environ["SCRATCH"]
TIMEOUT_S = 20


def write(name, text):
    path = os.path.join(SCRATCH, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def eventually(condition):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def invoke(*arguments, payload=None, function="function"):
    """Returns the JSON that the CLI printed, and the function's answer."""
    out = os.path.join(SCRATCH, "out.json")
    command = [os.environ["AWS"], "--endpoint-url", os.environ["WHOLE"], "--output", "json"]
    command += ["lambda", "invoke", "--function-name", function, *arguments]
    if payload is not None:
        command += ["--payload", "fileb://" + write("payload.json", json.dumps(payload))]
    run = subprocess.run([*command, out], capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    return json.loads(run.stdout), read(out)


class CliTest(unittest.TestCase):
    def test_an_event_is_answered(self):
        said, answer = invoke(payload={"a": "é"})
        self.assertEqual(said, {"StatusCode": 200, "ExecutedVersion": "$LATEST"})
        self.assertEqual(json.loads(answer)["event"], {"a": "é"})

    def test_without_a_payload_the_event_is_an_empty_object(self):
        said, answer = invoke()
        self.assertEqual(said["StatusCode"], 200)
        self.assertEqual(json.loads(answer)["event"], {})

    def test_a_function_may_be_named_by_its_arn_and_version(self):
        arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
        _, answer = invoke("--qualifier", "$LATEST", function=arn)
        self.assertEqual(json.loads(answer)["arn"], arn + ":$LATEST")
        _, answer = invoke(function="function:$LATEST")
        self.assertEqual(json.loads(answer)["arn"], arn + ":$LATEST")

    def test_the_log_comes_along(self):
        said, _ = invoke("--log-type", "Tail", payload={"do": "log", "lines": 2})
        log = base64.b64decode(said["LogResult"]).decode()
        self.assertIn("line 2 x", log)
        self.assertIn("REPORT RequestId: ", log)

    def test_a_client_context_arrives(self):
        context = base64.b64encode(b'{"custom":{"x":1}}').decode()
        _, answer = invoke("--client-context", context)
        self.assertEqual(json.loads(answer)["client"], {"custom": {"x": 1}})

    def test_a_function_error_is_reported(self):
        said, answer = invoke(payload={"do": "throw"})
        self.assertEqual(said["FunctionError"], "Unhandled")
        self.assertEqual(json.loads(answer)["errorType"], "DomainException")

    def test_an_asynchronous_event_is_tried_until_it_works(self):
        attempts = os.path.join(SCRATCH, "cli-attempts")
        said, answer = invoke(
            "--invocation-type", "Event",
            payload={"do": "fail at first", "file": attempts, "works_at": 2},
        )
        self.assertEqual(said["StatusCode"], 202)
        self.assertEqual(answer, "")
        self.assertTrue(
            eventually(lambda: os.path.exists(attempts) and read(attempts).count("\n") == 2)
        )
        first, second = read(attempts).splitlines()
        self.assertEqual(first, second)

    def test_a_dry_run_is_no_event(self):
        marker = os.path.join(SCRATCH, "dry")
        said, answer = invoke(
            "--invocation-type", "DryRun",
            payload={"do": "fail at first", "file": marker, "works_at": 1},
        )
        self.assertEqual(said["StatusCode"], 204)
        self.assertEqual(answer, "")
        invoke()
        self.assertFalse(os.path.exists(marker))

    def test_errors_have_the_names_that_the_cli_knows(self):
        with self.assertRaisesRegex(RuntimeError, r"\(ResourceNotFoundException\).*not found: arn"):
            invoke(function="other")
        bad = "fileb://" + write("bad.json", "{")
        with self.assertRaisesRegex(RuntimeError, r"\(InvalidRequestContentException\).*parse"):
            invoke("--payload", bad)
        with self.assertRaisesRegex(RuntimeError, r"\(RequestTooLargeException\).*6291456"):
            invoke(payload="x" * 6_291_456)


class StreamTest(unittest.TestCase):
    def frames(self, payload):
        try:
            from awscli.botocore.eventstream import EventStreamBuffer
        except ImportError:
            self.skipTest("this python3 has no decoder of event streams (Debian's awscli)")
        path = "/2021-11-15/functions/function/response-streaming-invocations"
        request = urllib.request.Request(
            os.environ["STREAMING"] + path,
            data=json.dumps(payload).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            self.assertEqual(response.headers["Content-Type"], "application/vnd.amazon.eventstream")
            buffer = EventStreamBuffer()
            buffer.add_data(response.read())
        # The decoder checks both checksums of each frame.
        return [(frame.headers[":event-type"], frame.payload) for frame in buffer]

    def test_a_stream_arrives_in_frames(self):
        frames = self.frames({"do": "pieces"})
        self.assertEqual(b"first second \0\xff", b"".join(payload for _, payload in frames[:-1]))
        self.assertEqual(frames[-1], ("InvokeComplete", b"{}"))

    def test_an_error_ends_it(self):
        kind, payload = self.frames({"do": "pieces", "fails": True})[-1]
        self.assertEqual(kind, "InvokeComplete")
        self.assertEqual(json.loads(payload)["ErrorCode"], "Unhandled")


if __name__ == "__main__":
    unittest.main()
