# SPDX-License-Identifier: MIT
#
# The terminal of a reader: one bash for a whole page, in folders of its own, with the programs of
# the build and stand-ins for those that need a network or Docker.

import os
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

from page import Command

PATIENCE = 240  # seconds; a command that takes longer hangs

# bash reads the number of a command, runs its file and says how it ended. With job control a
# server and all of its pipe are one group, which `kill %1` ends, as at a terminal.
DRIVER = r"""
set -m
# Tests have no network: the packages are those that `./dev test` has fetched. A function, as
# `phork package` runs the program.
composer() {
  local known folder='' word script
  known=$(command composer help "$1")
  for word in "$@"; do
    case $word in
      --working-dir=*) folder=${word#*=} ;;
    esac
    [[ $word != -* ]] || grep -qF -- "${word%%=*}" <<<"$known" || return 1
  done
  if [[ $1 != install || -z $folder ]]; then return 1; fi
  if [[ ! -f $PHORK_SOURCE/$folder/vendor/autoload.php ]]; then return 77; fi
  cp -dR --preserve=timestamps "$PHORK_SOURCE/$folder/vendor" "$folder/" || return
  for script in post-autoload-dump post-install-cmd; do
    grep -q "\"$script\"" "$folder/composer.json" || continue
    command composer --working-dir="$folder" run-script "$script" || return
  done
}
while read -r number <&3; do
  source "$SESSION/$number.sh" >"$SESSION/$number.out" 2>"$SESSION/$number.err" </dev/null
  printf '%s %s\n' "$?" "$(jobs -pr | tr '\n' ' ')" >&4
done
for job in $(jobs -p); do kill -- "-$job" 2>/dev/null; done
wait
"""

STAND_INS = {
    # Nobody listens at the endpoint: aws reads its arguments and fails to connect.
    "aws": """#!/bin/sh
[ -x /usr/bin/aws ] || exit 77
/usr/bin/aws --endpoint-url http://127.0.0.1:1 --cli-connect-timeout 2 "$@"
status=$?
printf '%s aws %s\\n' "$status" "$*" >>"$CALLS"
exit $status
""",
    "docker": "#!/bin/sh\ncat >/dev/null\n",
    # A server takes a free port. A layer leaves out extensions that need not be installed here: the
    # message that says so has the flag.
    "phork": """#!/bin/bash
case $1 in
  serve) exec "$PHORK_BUILD/phork" "$@" --port 0 ;;
  package | deploy | bench) ;;
  *) exec "$PHORK_BUILD/phork" "$@" ;;
esac
errors=$(mktemp "$SESSION/errors.XXXXXX")
status=0
"$PHORK_BUILD/phork" "$@" 2>"$errors" || status=$?
without=$(sed -n 's/.*, or --without \\([a-z0-9,]*\\)$/\\1/p' "$errors")
if [[ $status != 0 && -n $without ]]; then
  status=0
  "$PHORK_BUILD/phork" "$@" --without "$without" 2>"$errors" || status=$?
fi
cat "$errors" >&2
printf '%s phork %s\\n' "$status" "$*" >>"$CALLS"
exit "$status"
""",
}

# Figures before a unit, ids of events and times differ from run to run; `...` is anything.
VARIES = re.compile(
    r"(?P<any>\.\.\.)"
    r"|(?P<figures>(?<![\w.])\s*\d[\d,.]*(?:\s+[\d,.]+)*(?= (?:ms|us|s|msec|kB|MB)\b))"
    r"|(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
)
PATTERNS = {"any": r".*", "figures": r"\s*[\d,.]+(?:\s+[\d,.]+)*", "id": r"[0-9a-f-]{36}"}


def pattern_of(line: str) -> str:
    pattern, end = "", 0
    for found in VARIES.finditer(line):
        pattern += re.escape(line[end : found.start()]) + PATTERNS[found.lastgroup]
        end = found.end()
    return pattern + re.escape(line[end:])


def matches(shown: list[str], printed: list[str]) -> bool:
    """A line `...` stands for any number of lines, and `...` in a line for any text."""
    pattern = ""
    for line in shown:
        pattern += r"(?:.*\n)*" if line.strip() == "..." else pattern_of(line) + "\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


class Skipped(Exception):
    pass


class Console:
    def __init__(self, scratch: Path, source: Path, build: Path):
        self._scratch = scratch
        self._source = source
        self._count = 0
        self._folder = scratch
        self._address = ""
        for name in ("bin", "session", "empty", "home", "tmp"):
            (scratch / name).mkdir()
        for name, text in STAND_INS.items():
            file = scratch / "bin" / name
            file.write_text(text)
            file.chmod(0o755)
        to_bash, self._to_bash = os.pipe()
        self._from_bash, from_bash = os.pipe()
        self._bash = subprocess.Popen(
            ["bash", "-c", f"exec 3<&{to_bash} 4>&{from_bash}\n{DRIVER}"],
            env=self._environment(build),
            pass_fds=(to_bash, from_bash),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # notices of ended jobs
        )
        os.close(to_bash)
        os.close(from_bash)

    def _environment(self, build: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
        return kept | {
            "PATH": f"{self._scratch}/bin:{build}:{os.environ['PATH']}",
            "HOME": str(self._scratch / "home"),
            "COMPOSER_ALLOW_SUPERUSER": "1",
            "TMPDIR": str(self._scratch / "tmp"),
            "LANG": "C.UTF-8",
            "SESSION": str(self._scratch / "session"),
            "CALLS": str(self._scratch / "session/calls"),
            "PHORK_BUILD": str(build),
            "PHORK_SOURCE": str(self._source),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }

    @property
    def empty(self) -> Path:
        return self._scratch / "empty"

    def clone(self) -> Path:
        """A copy of what commands use of the source tree, without what was fetched or made."""
        folder = self._scratch / "phork"
        if not folder.exists():
            unwanted = shutil.ignore_patterns("vendor", "var")
            for part in ("bench", "docs", "examples"):
                shutil.copytree(self._source / part, folder / part, ignore=unwanted, symlinks=True)
            # What examples only read. A copy of the probe would leave shared memory of its own.
            for part in ("audit", "php-worker"):
                (folder / part).symlink_to(self._source / part)
        return folder

    def enter(self, folder: Path) -> None:
        self._folder = folder
        self._send(f"cd '{folder}'")

    def calls(self) -> list[str]:
        """The calls of aws and phork since the last question, each with its exit code in front."""
        file = self._scratch / "session/calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def run(self, command: Command) -> None:
        """Expects that the command succeeds and prints what is shown."""
        # Who types has seen the server end before the next command, whose job then is %1, too.
        ends_server = command.text.startswith("kill %")
        status, jobs = self._send(command.text + (" && wait" if ends_server else ""))
        if status == 77:
            raise Skipped(f"{command.text}: there are no packages")
        if command.text.rstrip().endswith("&"):
            self._await_server(command, jobs)
            return
        out, err = self._printed("out"), self._printed("err")
        assert status == 0, f"$ {command.text}\nexit code {status}\n{report(out, err)}"
        # A page that shows the log shows it before the answer, as it comes.
        good = any(matches(command.shown, lines) for lines in (out, err, err + out))
        assert not command.shown or good, f"$ {command.text}\nprinted:\n{report(out, err)}"

    def run_any(self, command: str) -> None:
        self._send(command)

    def errors(self) -> str:
        return "\n".join(self._printed("err"))

    def _await_server(self, command: Command, jobs: list[int]) -> None:
        """Waits for the address, which may go into a file, and for the lines that are shown."""
        target = re.search(r">(\S+) &$", command.text)
        log = self._folder / target[1] if target else self._file("out")
        end = time.monotonic() + PATIENCE
        while True:
            said = log.read_text(errors="replace") if log.exists() else ""
            ready = re.search(r"^ready: http://([\d.:]+)/", said, re.M)
            self._address = ready[1] if ready else ""
            out = self._printed("out")
            if ready and matches(["...", *command.shown, "..."], out):
                return
            said = f"$ {command.text}\nnot ready:\n{report(out, self._printed('err'))}"
            assert time.monotonic() < end and jobs and is_alive(jobs[-1]), said
            time.sleep(0.05)

    def _send(self, command: str) -> tuple[int, list[int]]:
        self._count += 1
        if self._address:
            command = command.replace("127.0.0.1:8000", self._address)
        self._file("sh").write_text(command + "\n")
        os.write(self._to_bash, f"{self._count}\n".encode())
        ready, _, _ = select.select([self._from_bash], [], [], PATIENCE)
        assert ready, f"$ {command}\ndid not end\n" + report(
            self._printed("out"), self._printed("err")
        )
        said = os.read(self._from_bash, 4096).decode().split()
        assert said, f"$ {command}\nended the shell"
        return int(said[0]), [int(job) for job in said[1:]]

    def _file(self, ending: str) -> Path:
        return self._scratch / f"session/{self._count}.{ending}"

    def _printed(self, stream: str) -> list[str]:
        text = self._file(stream).read_text(errors="replace")
        if self._address:
            text = text.replace(self._address, "127.0.0.1:8000")
        # Notices of bash that a server has ended, as at a terminal, come with a later command.
        return [line for line in text.splitlines() if not re.match(r"\[\d+\]\+? ", line)]

    def end(self) -> list[int]:
        """Ends servers and the shell; returns the processes that had to be killed."""
        os.close(self._to_bash)
        try:
            self._bash.wait(30)
        except subprocess.TimeoutExpired:
            pass
        left = [process for process in processes_of(self._bash.pid) if is_alive(process)]
        for process in left:
            end_process(process)
        self._bash.wait()
        os.close(self._from_bash)
        return left


def report(out: list[str], err: list[str]) -> str:
    return "\n".join([*out[-40:], *(f"stderr: {line}" for line in err[-20:])])


def end_process(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def fields_of(process: int) -> list[str]:
    """State, parent, group, session and so on; proc(5). Empty when it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def is_alive(process: int) -> bool:
    fields = fields_of(process)
    return bool(fields) and fields[0] not in "ZX"


def processes_of(session: int) -> list[int]:
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if (fields_of(number) or [""] * 4)[3] == str(session)]
