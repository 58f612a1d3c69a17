# SPDX-License-Identifier: MIT
#
# Runs the commands of docs/deploy.md in an empty folder and compares what they print. In a block
# `console aws` the real aws runs with an endpoint at which nobody listens: it reads its arguments
# and fails to connect. A block `console setup` needs root or a network, and is only parsed. At last
# each message of the table "Troubleshooting" is looked for in the sources.
# usage: documented.py SCRATCH, which has made.zip, a layer. Needs PHORK_SOURCE and PHORK_BUILD.

import os
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["PHORK_SOURCE"])
PAGE = SOURCE / "docs/deploy.md"
ROOMS = ("cli", "packaging", "runtime", "supervisor", "strategies", "php-worker", "emulator")
USED_WRONGLY = {"aws": 252, "phork": 100}

# Programs that the commands find first.
PROGRAMS = {
    # Notes how each call ended.
    "aws": """#!/bin/sh
/usr/bin/aws --endpoint-url http://127.0.0.1:1 --cli-connect-timeout 2 "$@"
status=$?
printf '%s aws %s\\n' "$status" "$*" >>"$CALLS"
exit $status
""",
    "docker": "#!/bin/sh\ncat >/dev/null\n",
    # The layer is there already: one with all extensions needs packages that tests do not.
    "phork": """#!/bin/sh
if [ "$1 $2" = 'package --layer' ]; then
  cp "$LAYER" "$4"
  exit
fi
"$PHORK_BUILD/phork" "$@"
status=$?
printf '%s phork %s\\n' "$status" "$*" >>"$CALLS"
exit $status
""",
}


def blocks(page):
    """Yields the kind of each console block, and its commands with the output that is shown."""
    for kind, text in re.findall(r"^```console ?(\w*)\n(.*?)^```", page, re.M | re.S):
        commands = []
        lines = iter(text.splitlines())
        for line in lines:
            if not line.startswith("$ "):
                commands[-1][1].append(line)
                continue
            command = line[2:]
            if "<<'END'" in command:
                for part in lines:
                    command += "\n" + part
                    if part == "END":
                        break
            commands.append((command, []))
        yield kind, commands


def run(command, folder, environment):
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, text=True, capture_output=True
    )


def check_plain(command, shown, folder, environment):
    ended = run(command, folder, environment)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
    if shown and shown != ["..."]:
        assert ended.stdout.splitlines() == shown, f"{command}\nprinted:\n{ended.stdout}"
    # The commands that `phork deploy` prints are for AWS.
    for line in shown:
        if re.match(r"(aws|docker) ", line):
            check_aws(line, folder, environment)


def check_aws(command, folder, environment):
    calls = Path(environment["CALLS"])
    calls.write_text("")
    command = re.sub(r"https://abc123\S*", "http://127.0.0.1:1/", command)
    ended = run(command, folder, environment)
    called = calls.read_text().splitlines()
    assert called or command.startswith("docker "), f"{command}\n{ended.stderr}"
    for line in called:
        status, program, _ = line.split(" ", 2)
        assert int(status) != USED_WRONGLY[program], f"{line}\n{ended.stderr}"


def check_commands(page, scratch):
    (scratch / "bin").mkdir()
    for name, text in PROGRAMS.items():
        file = scratch / "bin" / name
        file.write_text(text)
        file.chmod(0o755)
    folder = scratch / "empty"
    folder.mkdir()
    environment = {
        "PATH": f"{scratch}/bin:{os.environ['PATH']}",
        "HOME": str(scratch),
        "PHORK_BUILD": os.environ["PHORK_BUILD"],
        "CALLS": str(scratch / "calls"),
        "LAYER": str(scratch / "made.zip"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_PAGER": "",
    }
    count = 0
    for kind, commands in blocks(page):
        for command, shown in commands:
            parsed = run(f"bash -n <<'EOF-OF-THE-TEST'\n{command}\nEOF-OF-THE-TEST", folder, environment)
            assert parsed.returncode == 0 and not parsed.stderr, f"{command}\n{parsed.stderr}"
            if kind == "":
                check_plain(command, shown, folder, environment)
            elif kind == "aws":
                check_aws(command, folder, environment)
            else:
                assert kind == "setup", f"a block of the unknown kind '{kind}'"
            count += 1
    assert count > 10, "the page has lost its commands"
    print(f"{count} commands run")


def source_text():
    """All literals in one text; one that goes over several lines is put together."""
    files = [
        file
        for room in ROOMS
        for file in (SOURCE / room).rglob("*")
        if file.suffix in (".cpp", ".h", ".php")
    ]
    files.append(SOURCE / "tests/readonly/run")
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(files))
    return re.sub(r'"\s*\n\s*"', "", text)


def check_messages(page):
    table = page[page.index("## Troubleshooting") :]
    sources = source_text()
    rows = re.findall(r"^\| (`.*?) \|", table, re.M)
    for row in rows:
        # The C library's own, which no source of ours has.
        if row.endswith("(glibc)"):
            continue
        for message in re.findall(r"`(.*?)`", row):
            # Names of this page stand where the sources have values.
            for part in re.split(r"\bImageUri\b|\bhttp\b|\bsam\b", message):
                assert part.strip("' ") in sources, f"no source says: {part} (of {message})"
    assert len(rows) > 10, "the page has lost its messages"
    print(f"{len(rows)} messages found in the sources")


def php_version():
    worker = Path(os.environ["PHORK_BUILD"]) / "php-worker"
    said = subprocess.run([worker, "--version"], text=True, capture_output=True, check=True)
    return re.search(r"PHP (\d+\.\d+)", said.stdout)[1]


if __name__ == "__main__":
    # The page shows Debian 12.
    text = PAGE.read_text(encoding="utf-8").replace("php8.2", f"php{php_version()}")
    check_messages(text)
    check_commands(text, Path(sys.argv[1]))
