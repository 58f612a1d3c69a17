// SPDX-License-Identifier: MIT
//
// SnapStart's part of the Runtime API: the wait for a restore, its errors, and credentials.
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "emulator/runtime_api/server.h"
#include "runtime/base/pinned.h"
#include "tests/support/json.h"
#include "tests/unit/emulator/fake_runtime.h"

using namespace phork::emulator;
using phork::emulator::test::FakeRuntime;
using phork::emulator::test::Reply;
using phork::testing::Json;

namespace {

constexpr const char* kRestore = "/2018-06-01/runtime/restore/next";

class Observer final : public RuntimeObserver {
 public:
  void awaits_restore() override { waits_.set_value(); }

  void init_failed(const std::string& body) override { error_ = body; }

  void init_done() override { ++inits_; }

  std::promise<void> waits_;
  std::string error_;
  int inits_ = 0;
};

struct Fixture : private phork::base::Pinned {
  explicit Fixture(AwsKeys keys = {}) {
    RuntimeApiServer::Options options;
    options.snap_start = true;
    options.keys = std::move(keys);
    api = std::make_unique<RuntimeApiServer>(dispatcher, observer, std::move(options));
    REQUIRE(api->start().ok());
    runtime = std::make_unique<FakeRuntime>(api->address());
  }

  ~Fixture() { dispatcher.close(); }

  // The reply to a runtime that waits for a restore, which comes now.
  Reply restored() {
    auto reply = std::async(std::launch::async, [this] { return runtime->get(kRestore); });
    observer.waits_.get_future().wait();
    CHECK(api->state() == RuntimeState::kSnapshot);
    api->restore();
    return reply.get();
  }

  Dispatcher dispatcher;
  Observer observer;
  std::unique_ptr<RuntimeApiServer> api;
  std::unique_ptr<FakeRuntime> runtime;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a restore is answered with nothing, and the next event may be asked for") {
  const Reply reply = restored();
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(runtime->get(kRestore).status == 200);  // a runtime that has lost its connection asks again
  Event event;
  dispatcher.submit(std::move(event));
  CHECK(runtime->next().status == 200);
  CHECK(observer.inits_ == 1);
  CHECK(runtime->get(kRestore).status == 403);
}

TEST_CASE_FIXTURE(Fixture,
                  "an error of the restore is taken between the restore and the first event") {
  CHECK(runtime->restore_error("{}").status == 403);
  restored();
  CHECK(runtime->init_error("{}").status == 403);
  CHECK(runtime->restore_error(R"({"errorType":"E"})").status == 202);
  CHECK(observer.error_ == R"({"errorType":"E"})");
  CHECK(runtime->next().status == 403);
}

TEST_CASE_FIXTURE(Fixture, "credentials need the token, and are other ones after the restore") {
  CHECK(runtime->get(Credentials::kPath).status == 403);
  const auto ask = [this] {
    return runtime->get(Credentials::kPath, {{"Authorization", api->credentials_token()}});
  };
  const Json before(ask().body);
  const std::string token = api->credentials_token();
  restored();
  const Json after(ask().body);
  CHECK(api->credentials_token() == token);
  for (const char* name : {"AccessKeyId", "SecretAccessKey", "Token"}) {
    CHECK_FALSE(before.text(name).empty());
    CHECK(before.text(name) != after.text(name));
  }
  CHECK(after.text("Expiration").ends_with("Z"));
}

TEST_CASE("credentials are the user's own, where there are any") {
  Fixture fixture({"AKIA", "secret", "session"});
  fixture.restored();
  const Json keys(
      fixture.runtime
          ->get(Credentials::kPath, {{"Authorization", fixture.api->credentials_token()}})
          .body);
  CHECK(keys.text("AccessKeyId") == "AKIA");
  CHECK(keys.text("SecretAccessKey") == "secret");
  CHECK(keys.text("Token") == "session");
}
