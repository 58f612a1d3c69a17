// SPDX-License-Identifier: MIT
#include "packaging/deployment/commands.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/text.h"

using namespace phork::packaging;
using phork::testing::contains;

namespace {

Deployment zip() {
  Deployment deployment;
  deployment.folder = "out";
  deployment.application = "/srv/app";
  deployment.stack = "shop";
  return deployment;
}

}  // namespace

TEST_SUITE("commands of a deployment") {
  TEST_CASE("without a bucket sam uploads") {
    const Plan plan = plan_of(zip());

    CHECK(plan.programs == std::vector<std::string>{"aws", "sam"});
    CHECK(plan.commands ==
          std::vector<std::string>{
              "sam deploy --template-file out/template.yaml --stack-name shop --resolve-s3 "
              "--capabilities CAPABILITY_IAM --no-fail-on-empty-changeset",
              "aws cloudformation describe-stacks --stack-name shop --query 'Stacks[0].Outputs' "
              "--output table"});
  }

  TEST_CASE("with a bucket aws uploads, in the region that was named") {
    Deployment deployment = zip();
    deployment.bucket = "mine";
    deployment.region = "eu-west-1";

    const Plan plan = plan_of(deployment);

    CHECK(plan.programs == std::vector<std::string>{"aws"});
    REQUIRE(plan.commands.size() == 3);
    CHECK(plan.commands[0] ==
          "aws cloudformation package --template-file out/template.yaml --s3-bucket mine "
          "--output-template-file out/packaged.yaml --region eu-west-1");
    CHECK(contains(plan.commands[1], "deploy --template-file out/packaged.yaml"));
    for (const std::string& command : plan.commands) CHECK(contains(command, "--region eu-west-1"));
  }

  TEST_CASE("an image is built, pushed and then named in the stack") {
    Deployment deployment = zip();
    deployment.from_image = true;
    deployment.image =
        parse_image_name("123456789012.dkr.ecr.eu-west-1.amazonaws.com/my/shop:7").value();
    deployment.region = "eu-west-1";
    deployment.base_image = "phork:php8.2";
    deployment.handler = "phork.php";
    deployment.platform = "linux/arm64";

    const Plan plan = plan_of(deployment);

    CHECK(plan.programs == std::vector<std::string>{"aws", "docker"});
    REQUIRE(plan.commands.size() == 6);
    CHECK(plan.commands[0] ==
          "docker build --platform linux/arm64 --provenance=false --build-arg PHORK=phork:php8.2 "
          "--build-arg HANDLER=phork.php --tag "
          "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my/shop:7 --file out/Dockerfile /srv/app");
    CHECK(contains(plan.commands[1], "create-repository --repository-name my/shop"));
    CHECK(contains(plan.commands[2],
                   "--password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com"));
    CHECK(plan.commands[3] == "docker push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/my/shop:7");
    CHECK(contains(plan.commands[4], "aws cloudformation deploy"));
  }

  TEST_CASE("all parameters are given, as an existing stack keeps its own otherwise") {
    Deployment deployment = zip();
    deployment.parameters = {{"Handler", "index.php"}, {"Warmup", "GET /\"a\""}, {"Secret", ""}};
    CHECK(contains(plan_of(deployment).commands[0],
                   R"( --parameter-overrides 'Handler="index.php"' 'Warmup="GET /\"a\""' )"
                   R"('Secret=""' --capabilities )"));
    deployment.bucket = "packages";
    CHECK(contains(plan_of(deployment).commands[1],
                   R"( --parameter-overrides Handler=index.php 'Warmup=GET /"a"' Secret= )"
                   R"(--capabilities )"));
  }

  TEST_CASE("files of a site go into the bucket that the stack has made") {
    Deployment deployment = zip();
    deployment.assets = "/srv/my app/assets";

    CHECK(plan_of(deployment).commands[1] ==
          "aws s3 sync '/srv/my app/assets' \"s3://$(aws cloudformation describe-stacks "
          "--stack-name shop --query \"Stacks[0].Outputs[?OutputKey=='AssetsBucket'].OutputValue\" "
          "--output text)/assets\" --cache-control max-age=3600");
  }

  TEST_CASE("a name of an image has all its parts") {
    CHECK(parse_image_name("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a:1")->region ==
          "cn-north-1");
    for (const char* wrong : {"", "shop:1", "12345.dkr.ecr.eu-west-1.amazonaws.com/shop:1",
                              "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop",
                              "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1;ls",
                              "123456789012.dkr.ecr.eu-west-1.amazonaws.com/$(ls):1"}) {
      CAPTURE(wrong);
      CHECK(contains(parse_image_name(wrong).error().text, "expected ACCOUNT.dkr.ecr.REGION"));
    }
  }

  TEST_CASE("a word that a shell would take apart is in quotes") {
    CHECK(shell_word("a/b-c_1.zip") == "a/b-c_1.zip");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a b") == "'a b'");
    CHECK(shell_word("it's $HOME") == R"('it'\''s $HOME')");
  }
}
