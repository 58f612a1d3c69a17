// SPDX-License-Identifier: MIT
//
// `phork deploy` as a program, with programs in the place of aws, docker and sam that write down
// how they were called.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"
#include "tests/integration/packaging/layers.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

namespace fs = std::filesystem;
using phork::testing::contains;
using phork::testing::Finished;

constexpr const char* kImage = "ImageUri=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1";
#ifdef __aarch64__
constexpr const char* kOtherArchitecture = "Architecture=x86_64";
#else
constexpr const char* kOtherArchitecture = "Architecture=arm64";
#endif
// Fails, as the command says, where the call begins with FAIL's words.
constexpr const char* kRecorder =
    "#!/bin/sh\n"
    "cat >/dev/null\n"
    "printf '%s %s\\n' \"${0##*/}\" \"$*\" >>\"$CALLS\"\n"
    "case \"${0##*/} $*\" in \"$FAIL\"*) echo \"$COMPLAINT\" >&2; exit 7 ;; esac\n";

class Deploy {
 public:
  Deploy() {
    scratch_.write("shop/index.php", "<?php return fn (array $event): array => $event;");
    for (const char* name : {"aws", "docker", "sam"}) {
      fs::permissions(scratch_.write("bin/" + std::string(name), kRecorder), fs::perms::owner_all);
    }
    // No call, so that $FAIL* takes none.
    environment_ = {{"PATH", scratch_.file("bin") + ":/usr/bin:/bin"},
                    {"CALLS", scratch_.file("calls")},
                    {"FAIL", "none"}};
  }

  void set(const std::string& name, const std::string& value) { environment_[name] = value; }

  Finished run(const std::vector<std::string>& more) const {
    // With a slash, as a shell completes it.
    std::vector<std::string> all{"deploy", scratch_.file("shop")};
    if (!std::ranges::count(more, "--out")) all.insert(all.end(), {"--out", scratch_.file("out/")});
    all.insert(all.end(), more.begin(), more.end());
    return phork::testing::run_program(phork::testing::program("phork"), all, environment_);
  }

  // Everything of this test but the application and the programs.
  bool left_nothing() const {
    for (const fs::directory_entry& file : fs::directory_iterator(scratch_.path())) {
      const std::string name = file.path().filename().string();
      if (name != "shop" && name != "bin" && name != "calls") return false;
    }
    return true;
  }

  const phork::testing::ScratchFolder& scratch() const { return scratch_; }

 private:
  phork::testing::ScratchFolder scratch_;
  std::map<std::string, std::string> environment_;
};

}  // namespace

TEST_SUITE("deploy command") {
  TEST_CASE("an image: the template is filled in, and the commands are printed but not run") {
    const Deploy deploy;

    const Finished ended = deploy.run(
        {"--image", "--set", kImage, "--set", "MemorySize=512", "--set", "SecretsPath=/shop/prod"});

    CAPTURE(ended.output);
    CHECK(ended.status.clean());
    CHECK(contains(ended.output, "--stack-name shop --region eu-west-1 "));
    CHECK(contains(ended.output, "the commands above deploy it, and --yes runs them"));
    const std::string text = deploy.scratch().read("out/template.yaml");
    CHECK(contains(text, "    Default: 'index.php'\n"));
    CHECK(contains(text, "    Default: 512\n"));
    CHECK(contains(text, "  SecretsPath:\n    Type: String\n    Default: '/shop/prod'\n"));
    CHECK(contains(text, "  SecretName:\n    Type: String\n    Default: ''\n"));
    CHECK(deploy.scratch().has("out/Dockerfile"));
    CHECK_FALSE(deploy.scratch().has("calls"));
  }

  TEST_CASE("an image has neither secrets nor the output, and what Symfony reads") {
    const Deploy deploy;
    const std::string output = deploy.scratch().file("shop/my[image]");
    const std::vector<std::string> arguments{"--image", "--set", kImage, "--out", output};
    CHECK(deploy.run(arguments).status.clean());
    const std::string ignored = deploy.scratch().read("shop/my[image]/Dockerfile.dockerignore");
    for (const char* line : {"\n**/.env\n", "\n**/.env.*\n", "\n**/.ssh\n", "\n**/auth.json\n",
                             "\n**/phork-deploy\n", "\n/my\\[image]\n"}) {
      CHECK_MESSAGE(contains(ignored, line), line);
    }
    CHECK_FALSE(contains(ignored, "!/.env"));

    deploy.scratch().write("shop/vendor/symfony/dotenv/Dotenv.php", "");
    CHECK(deploy.run(arguments).status.clean());
    CHECK(contains(deploy.scratch().read("shop/my[image]/Dockerfile.dockerignore"), "\n!/.env\n"));
  }

  TEST_CASE("with --yes each printed command runs, in order, once the credentials are good") {
    const Deploy deploy;

    const Finished ended = deploy.run({"--image", "--set", kImage, "--yes"});

    CAPTURE(ended.output);
    CHECK(ended.status.clean());
    const std::string calls = deploy.scratch().read("calls");
    std::size_t at = 0;
    for (const char* call : {"aws sts get-caller-identity", "docker build",
                             "aws ecr describe-repositories", "docker login", "docker push",
                             "aws cloudformation deploy", "aws cloudformation describe-stacks"}) {
      CAPTURE(call);
      const std::size_t found = calls.find(call, at);
      REQUIRE(found != std::string::npos);
      at = found;
    }
    CHECK_FALSE(contains(calls, "create-repository"));  // it is there
  }

  TEST_CASE("a command that fails ends it, and is named") {
    Deploy deploy;
    deploy.set("FAIL", "docker push");

    const Finished ended = deploy.run({"--image", "--set", kImage, "--yes"});

    CAPTURE(ended.output);
    CHECK(ended.status.code == 1);
    CHECK(contains(ended.output, "cli: deploy: run 'docker push"));
    CHECK(contains(ended.output, "exit code 7; the commands behind it did not run"));
    CHECK_FALSE(contains(deploy.scratch().read("calls"), "cloudformation"));
  }

  TEST_CASE("without credentials it says so in one line, after the commands") {
    Deploy deploy;
    deploy.set("FAIL", "aws sts");
    deploy.set("COMPLAINT", "Unable to locate credentials.");

    const Finished ended = deploy.run({"--image", "--set", kImage, "--yes"});

    CAPTURE(ended.output);
    CHECK(ended.status.code == 1);
    CHECK(contains(ended.output,
                   "phork error: cli: deploy: find credentials: aws sts get-caller-identity: "
                   "Unable to locate credentials.; run `aws configure` or set AWS_ACCESS_KEY_ID "
                   "and AWS_SECRET_ACCESS_KEY; nothing was uploaded\n"));
    CHECK(contains(ended.output, "docker push"));
    CHECK_FALSE(contains(deploy.scratch().read("calls"), "docker"));
  }

  TEST_CASE("the real aws without credentials" * doctest::skip(::access("/usr/bin/aws", X_OK))) {
    Deploy deploy;
    deploy.scratch().remove("bin/aws");
    for (const char* name : {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}) {
      deploy.set(name, "/dev/null");
    }
    deploy.set("AWS_EC2_METADATA_DISABLED", "true");

    const Finished ended = deploy.run({"--image", "--set", kImage, "--yes"});

    CAPTURE(ended.output);
    CHECK(ended.status.code == 1);
    CHECK(contains(ended.output, "get-caller-identity: Unable to locate credentials"));
  }

  TEST_CASE("a program that is not there is named before anything is uploaded") {
    Deploy deploy;
    deploy.scratch().remove("bin/docker");
    deploy.set("PATH", deploy.scratch().file("bin"));

    const Finished ended = deploy.run({"--image", "--set", kImage, "--yes"});

    CAPTURE(ended.output);
    CHECK(ended.status.code == 100);
    CHECK(contains(ended.output, "find program 'docker': expected it in PATH"));
    CHECK_FALSE(deploy.scratch().has("calls"));
  }

  // The usual template is `http`, and rehearses GET /.
  TEST_CASE("a handler of events in a template for requests is named when its code is compiled") {
    const Deploy deploy;

    const Finished ended = deploy.run({"--layer", phork::testing::made_layer().zip});

    CAPTURE(ended.output);
    CHECK(ended.status.code == 100);
    CHECK(contains(ended.output, "the entry is a handler and takes JSON files, not requests: "));
    CHECK(contains(ended.output, "--template function or --set Warmup="));
    CHECK_FALSE(contains(ended.output, "--no-compile"));
    CHECK(deploy.left_nothing());
  }

  TEST_CASE("bad input costs one line, and nothing is written") {
    struct Case {
      std::vector<std::string> arguments;
      const char* complaint;
    };

    const Case cases[] = {
        {{"--image"}, "variable ImageUri is missing: "},
        {{"--image", "--set", "ImageUri=shop:1"}, "expected ACCOUNT.dkr.ecr.REGION.amazonaws.com"},
        {{"--image", "--set", kImage, "--region", "eu-north-1"}, "images of its own region alone"},
        {{"--template", "lambda"},
         "expected one of console, function, http, image, queue, site, strategies\n"},
        {{"--template", "image", "--zip"}, "it is for an image, and --zip was given"},
        {{"--template", "queue", "--image"}, "it is for a zip, and --image was given"},
        {{"--set", "Memory=512"}, "template http has no such variable, but "},
        {{"--set", "Strategy=E"}, "expected one of inprocess, exec, "},
        {{"--set", "MemorySize=1"}, "expected a number from 128 to 10240, got 1\n"},
        {{"--set", "SecretsPath=/shop/*"}, "expected text that matches ^(/[A-Za-z0-9_.-]+)*$, got"},
        {{"--set", "MemorySize"}, "set variable 'MemorySize': expected NAME=VALUE"},
        {{"--set", "Handler=nope.php"}, "expected --handler, by which the file is packaged"},
        {{"--set", kOtherArchitecture}, "give it with --layer"},
        {{"--handler", "public/index.php"}, "public/index.php"},
        {{"--stack", "2nd"}, "name stack '2nd': expected a letter, "},
        {{"--template", "console"}, "shop': expected bin/console or artisan, found none; name one"},
        {{"--template", "site"}, "template site needs this folder of static files"},
        {{"--layer", "none.zip"}, "find layer 'none.zip': no such file"},
        {{"--with", "foo"}, "'foo'"},
    };
    for (const Case& bad : cases) {
      const Deploy deploy;
      const Finished ended = deploy.run(bad.arguments);
      CAPTURE(ended.output);
      CHECK(ended.status.code == 100);
      CHECK(contains(ended.output, bad.complaint));
      CHECK(phork::testing::count(ended.output, "\n") == 1);
      CHECK(deploy.left_nothing());
    }
  }
}
