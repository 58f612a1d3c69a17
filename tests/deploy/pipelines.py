# SPDX-License-Identifier: MIT
#
# Runs the pipelines of deploy/pipelines, step by step: the build in a checkout of examples/symfony,
# the deployment in an empty folder that gets the artifacts and nothing else. Programs that would
# install packages or call AWS are replaced by ones that write down how they were called.
# usage: pipelines.py SCRATCH, which has layer.zip. Needs PHORK_SOURCE and PHORK_BUILD.

import glob
import os
import re
import shutil
import subprocess
import sys
import zipfile

import yaml

SOURCE = os.environ["PHORK_SOURCE"]
PIPELINES = f"{SOURCE}/deploy/pipelines"
EXAMPLE = f"{SOURCE}/examples/symfony"
VARIABLES = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_TOKEN": "token",
    "BITBUCKET_STEP_OIDC_TOKEN": "token",
    "BUCKET": "packages",
    "PHORK_DEB": "https://example.org/phork.deb",
}
RECORDER = '#!/bin/sh\nprintf \'%s %s\\n\' "${0##*/}" "$*" >>"$CALLS"\n'
PROGRAMS = {
    "apt-get": RECORDER,
    "curl": RECORDER,
    "aws": RECORDER
    # Files that were not handed over would be missed here.
    + 'while [ $# -gt 1 ]; do [ "$1" != --template-file ] || cat "$2" >/dev/null || exit 1\n'
    + 'case $1 in --output-template-file) : >"$2" ;; esac; shift; done\n',
    # The packages are there already; the script of composer.json has to run.
    "composer": RECORDER + "exec php bin/warm-up.php\n",
    # One layer for all three; and the real composer, which works offline here.
    "phork": RECORDER + 'PATH=${PATH#*:} exec "$PHORK_BUILD/phork" "$@" --layer "$LAYER"\n',
}


def github(pipeline):
    def script_of(job):
        runs = []
        for step in pipeline["jobs"][job]["steps"]:
            for name, value in step.get("env", {}).items():
                variable = re.fullmatch(r"\$\{\{ vars\.(\w+) \}\}", value).group(1)
                runs.append(f"export {name}='{VARIABLES[variable]}'")
            runs += [step["run"]] if "run" in step else []
        return runs

    upload = next(
        step
        for step in pipeline["jobs"]["build"]["steps"]
        if step.get("uses", "").startswith("actions/upload-artifact@")
    )
    return script_of("build"), upload["with"]["path"].split(), script_of("deploy")


def gitlab(pipeline):
    build, deploy = pipeline["build"], pipeline["deploy"]
    token = f"export AWS_WEB_IDENTITY_TOKEN_FILE={deploy['variables']['AWS_WEB_IDENTITY_TOKEN_FILE']}"
    return (
        build["before_script"] + build["script"],
        build["artifacts"]["paths"],
        [token] + deploy["before_script"] + deploy["script"],
    )


def bitbucket(pipeline):
    build, deploy = (item["step"] for item in pipeline["pipelines"]["branches"]["main"])
    return build["script"], build["artifacts"], deploy["script"]


def run(lines, folder, environment):
    # The token goes into this test's own folder.
    script = "\n".join(lines).replace("/tmp/token", f"{folder}.token")
    subprocess.run(["sh", "-e", "-c", script], cwd=folder, env=environment, check=True)


def hand_over(artifacts, checkout, folder):
    os.mkdir(folder)
    for artifact in artifacts:
        found = glob.glob(artifact.rstrip("/*"), root_dir=checkout)
        assert found, f"artifact {artifact}: the build has not made it"
        for name in found:
            copy = shutil.copytree if os.path.isdir(f"{checkout}/{name}") else shutil.copy
            copy(f"{checkout}/{name}", f"{folder}/{name}")


def check(scratch, name, read):
    with open(f"{PIPELINES}/{name}", encoding="utf-8") as file:
        build, artifacts, deploy = read(yaml.safe_load(file))
    checkout, folder = f"{scratch}/{name}.build", f"{scratch}/{name}.deploy"
    calls = f"{scratch}/{name}.calls"
    shutil.copytree(EXAMPLE, checkout, ignore=shutil.ignore_patterns("var"))
    environment = {
        **VARIABLES,
        "PATH": f"{scratch}/bin:{os.environ['PATH']}",
        "PHORK_BUILD": os.environ["PHORK_BUILD"],
        "LAYER": f"{scratch}/layer.zip",
        "CALLS": calls,
    }
    run(build, checkout, environment)
    hand_over(artifacts, checkout, folder)
    run(deploy, folder, environment)

    with zipfile.ZipFile(f"{folder}/phork-deploy/function.zip") as package:
        names = package.namelist()
    for needed in ("vendor/autoload.php", "phork.php"):
        assert needed in names, f"{name}: {needed} is not in the package"
    own = [path for path in names if path.startswith("phork-deploy")]
    assert not own, f"{name}: the package holds the folder that it is written to: {own}"
    assert any(path.startswith("var/cache/prod/") for path in names), f"{name}: no warm cache"
    with open(calls, encoding="utf-8") as file:
        called = file.read()
    assert "composer install --no-dev" in called, called
    for step in ("package --template-file", "deploy --template-file"):
        assert f"aws cloudformation {step} phork-deploy/" in called, called
    print(f"{name}: built, handed over {', '.join(artifacts)}, deployed")


def main(scratch):
    os.mkdir(f"{scratch}/bin")
    for name, text in PROGRAMS.items():
        with open(f"{scratch}/bin/{name}", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o755)
    for name, read in {
        "github.yml": github,
        "gitlab-ci.yml": gitlab,
        "bitbucket-pipelines.yml": bitbucket,
    }.items():
        check(scratch, name, read)


if __name__ == "__main__":
    main(sys.argv[1])
