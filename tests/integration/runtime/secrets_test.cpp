// SPDX-License-Identifier: MIT
//
// PHORK_SECRETS: the real SDK of examples/secrets, and a server that stands in for AWS. Real
// bootstrap, real PHP.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <httplib.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

constexpr const char* kHandler = R"(<?php
return fn (): array => [
    'environment' => getenv('DB_PASSWORD'),
    'server' => $_SERVER['DB_PASSWORD'],
    'program' => shell_exec('printf %s "$DB_PASSWORD"'),
    'member' => getenv('API_KEY'),
    'second' => getenv('db_user'),
    'files' => get_included_files() === [__FILE__],
    'visible' => str_contains(file_get_contents('/proc/self/environ'), 'hunter'),
];
)";

// Answers SSM, in two pages, and Secrets Manager, or every request with an error.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
class StandIn : private base::Pinned {
 public:
  explicit StandIn(std::string error = "") : error_(std::move(error)) {
    server_.Post("/", [this](const httplib::Request& request, httplib::Response& response) {
      response.set_content(answer(request, response), "application/x-amz-json-1.1");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    REQUIRE(testing::eventually([this] { return server_.is_running(); }));
  }

  ~StandIn() {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  std::string answer(const httplib::Request& request, httplib::Response& response) {
    if (!error_.empty()) {
      response.status = 400;
      return R"({"__type":")" + error_ + R"(","message":"hunter2"})";
    }
    if (request.get_header_value("X-Amz-Target") == "secretsmanager.GetSecretValue") {
      return R"({"Name":"api","SecretString":"{\"API_KEY\":\"k-1\"}"})";
    }
    if (contains(request.body, "NextToken")) {
      return R"({"Parameters":[{"Name":"/shop/db/user","Value":"ada"}]})";
    }
    return R"({"NextToken":"n","Parameters":[{"Name":"/shop/DB_PASSWORD","Value":"hunter)" +
           std::to_string(++reads_) + "\"}]}";
  }

  const std::string error_;
  std::atomic<int> reads_{0};
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

// An application with the SDK; false without it.
class Application {
 public:
  Application() {
    const std::string vendor = testing::source_path("examples/secrets/vendor");
    installed_ = std::filesystem::exists(vendor + "/autoload.php");
    if (!installed_) MESSAGE("skipped: examples/secrets has no vendor folder");
    if (installed_) std::filesystem::create_directory_symlink(vendor, folder_.file("vendor"));
    folder_.write("index.php", kHandler);
  }

  bool installed() const { return installed_; }

  const std::string& path() const { return folder_.path(); }

  RuntimeOptions options(const std::string& strategy, const std::string& endpoint) const {
    RuntimeOptions options;
    options.handler = "index.php";
    options.strategy = strategy;
    options.task_root = folder_.path();
    options.environment = variables(endpoint);
    return options;
  }

  static std::map<std::string, std::string> variables(const std::string& endpoint) {
    return {{"PHORK_SECRETS", "ssm:/shop, secretsmanager:api"},
            {"AWS_ENDPOINT_URL", endpoint},
            {"AWS_ACCESS_KEY_ID", "key"},
            {"AWS_SECRET_ACCESS_KEY", "secret"}};
  }

 private:
  testing::ScratchFolder folder_;
  bool installed_ = false;
};

}  // namespace

TEST_SUITE("secrets") {
  TEST_CASE("they are variables before the application begins, and nowhere else") {
    const Application application;
    if (!application.installed()) return;
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;
      INFO("strategy " << strategy);
      const StandIn aws;
      Runtime runtime(application.options(strategy, aws.url()));
      for (int event = 0; event < 2; ++event) {
        const Json answer = answer_of(runtime);
        CHECK(answer.text("environment").starts_with("hunter"));
        if (strategy != "exec" && strategy != "prespawn") {
          CHECK(answer.text("environment") == "hunter1");
        }
        CHECK(answer.text("server") == answer.text("environment"));
        CHECK(answer.text("program") == answer.text("environment"));
        CHECK(answer.text("member") == "k-1");
        CHECK(answer.text("second") == "ada");
        CHECK(answer.boolean("files"));
        CHECK_FALSE(answer.boolean("visible"));
      }
      CHECK_FALSE(contains(runtime.output_when_idle(), "hunter"));
    }
  }

  TEST_CASE("an error of AWS fails the boot in one line without a value") {
    const Application application;
    if (!application.installed()) return;
    const std::map<std::string, std::string> errors{
        {"AccessDeniedException", "access denied: the role of the function needs ssm:Get"},
        {"ThrottlingException", "throttled"},
        {"ResourceNotFoundException", "not found in this region"},
        {"InternalServerError", "failed: InternalServerError"}};
    for (const auto& each : errors) {
      INFO(each.first);
      const StandIn aws(each.first);
      const std::string error = testing::init_error_of(application.options("fork", aws.url()));
      CHECK(contains(error, "Runtime.SecretsFailed"));
      CHECK(contains(error, "PHORK_SECRETS: ssm:/shop: " + each.second));
      CHECK_FALSE(contains(error, "hunter2"));
    }
    RuntimeOptions options = application.options("inprocess", "http://127.0.0.1:9");
    CHECK(contains(testing::init_error_of(options),
                   "PHORK_SECRETS: ssm:/shop: the connection was refused; in a VPC"));
    options.environment["AWS_ENDPOINT_URL"] = "http://nowhere.invalid";
    CHECK(contains(testing::init_error_of(options),
                   "PHORK_SECRETS: ssm:/shop: the name of the service has no address"));
    options.environment["AWS_EC2_METADATA_DISABLED"] = "true";
    options.environment.erase("AWS_ACCESS_KEY_ID");
    CHECK(contains(testing::init_error_of(options),
                   "PHORK_SECRETS: ssm:/shop: no credentials in AWS_ACCESS_KEY_ID, "));
  }

  TEST_CASE("an autoloader that exits fails the boot with the name of its file") {
    const testing::ScratchFolder folder;
    folder.write("index.php", kHandler);
    folder.write("vendor/autoload.php", "<?php require __DIR__ . '/helpers.php';");
    folder.write("vendor/helpers.php", "<?php exit(3);");
    for (const char* strategy : {"prespawn", "fork", "inprocess"}) {
      RuntimeOptions options;
      options.handler = "index.php";
      options.strategy = strategy;
      options.task_root = folder.path();
      options.environment = Application::variables("http://127.0.0.1:9");
      const std::string error = testing::init_error_of(options);
      INFO(error);
      CHECK(contains(error, "Runtime.SecretsFailed"));
      CHECK(contains(error,
                     "exit(3) was called, in or behind " + folder.path() + "/vendor/helpers.php"));
    }
  }

  TEST_CASE("they are read again when a snapshot has been restored") {
    const Application application;
    if (!application.installed()) return;
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy != "fork" && strategy != "rollback" && strategy != "inprocess") continue;
      CAPTURE(strategy);
      const StandIn aws;
      const auto finished = testing::run_program(testing::program("phork"),
                                                 {"invoke", application.path(), "--snapstart",
                                                  "--snapshot-age", "0", "--strategy", strategy},
                                                 Application::variables(aws.url()));
      CHECK(finished.status.clean());
      CHECK(contains(finished.output, R"("environment":"hunter2","server":"hunter2")"));
      CHECK_FALSE(contains(finished.output, "hunter1"));
    }
  }

  TEST_CASE("without an SDK one line names it") {
    const testing::ScratchFolder folder;
    folder.write("index.php", kHandler);
    RuntimeOptions options;
    options.handler = "index.php";
    options.task_root = folder.path();
    options.environment = {{"PHORK_SECRETS", "ssm:/shop"}};
    CHECK(contains(testing::init_error_of(options),
                   "the application has no SDK that reads ssm:/shop: composer require "
                   "aws/aws-sdk-php"));
    options.environment = {{"PHORK_SECRETS", "shop"}};
    CHECK(contains(testing::init_error_of(options),
                   "expected ssm:/path or secretsmanager:name, got 'shop'"));
  }

  TEST_CASE("strategy fpm has no secrets, and says so") {
    const Application application;
    CHECK(contains(testing::init_error_of(application.options("fpm", "http://127.0.0.1:9")),
                   "php-fpm would read them for each request"));
  }
}
