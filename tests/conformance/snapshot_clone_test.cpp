// SPDX-License-Identifier: MIT
//
// Two environments out of one snapshot, byte for byte: CRIU writes all processes of a bootstrap
// that waits for its restore to files, and starts two copies of them, each in its own namespace of
// process ids, where they have the same ids. No two events of them may share a random number, a
// name, or a connection. https://criu.org
//
// Needs root and a CRIU that works with the kernel: with Linux 6.18, that is 4.1 of Debian 13, and
// not 3.17 of Debian 12. PHORK_CRIU names the program. CRIU cannot write a descriptor of a
// socket's path, which php-fpm's strategy has; snap_start_test.cpp shows that its workers are
// forked after the restore.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "tests/support/concurrent_api.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::ConcurrentApi;
using testing::eventually;
using testing::Json;
using testing::Program;
using Arguments = std::vector<std::string>;

constexpr std::size_t kRounds = 4;  // of an event in each copy

std::string criu() {
  const char* const told = std::getenv("PHORK_CRIU");
  return told == nullptr ? "/usr/sbin/criu" : told;
}

std::map<std::string, std::string> criu_environment() {
  return {{"LD_PRELOAD", testing::program("tests/conformance/criu_options.so")}};
}

bool can_copy() {
  if (testing::kAddressSanitizer || ::geteuid() != 0 || ::access(criu().c_str(), X_OK) != 0) {
    MESSAGE("needs root, CRIU and no sanitizer: skipped");
    return false;
  }
  const auto checked = testing::run_program(criu(), {"check"}, criu_environment());
  if (!checked.status.clean()) MESSAGE("CRIU does not work here: skipped: " << checked.output);
  return checked.status.clean();
}

// All that was drawn in both copies, by its source.
using Draws = std::map<std::string, std::multiset<std::string>>;

void add(Draws& draws, const Json& answer, const std::string& where) {
  for (const char* source :
       {"mt_rand", "lcg_value", "random_bytes", "openssl", "sqlite", "uniqid", "session", "file"}) {
    draws[source].insert(answer.text(where + "." + source));
  }
}

class Copies : private base::Pinned {
 public:
  explicit Copies(const std::string& strategy) {
    original_ = std::make_unique<Program>(
        testing::program("bootstrap"), Arguments{"--strategy=" + strategy},
        std::map<std::string, std::string>{
            {"AWS_LAMBDA_RUNTIME_API", api_->address()},
            {"AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start"},
            {"LD_PRELOAD", testing::program("tests/conformance/no_ring.so")},
            {"_HANDLER", "snapshot.php"},
            {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
    REQUIRE_MESSAGE(eventually([this] { return !api_->calls().empty(); }), original_->output());
    Arguments arguments = options("dump");
    arguments.insert(arguments.end(),
                     {"--tcp-established", "--tree", std::to_string(original_->pid())});
    const auto dumped = testing::run_program(criu(), arguments, criu_environment());
    REQUIRE_MESSAGE(dumped.status.clean(), dumped.output);
    original_->wait_exit();
    api_->restore();
    for (int copy = 0; copy < 2; ++copy) start_copy();
  }

  ~Copies() { api_.reset(); }  // ends the copies

  // An event in each copy.
  std::vector<Json> round() {
    REQUIRE_MESSAGE(eventually([this] { return api_->parked() == 2; }), output());
    std::vector<Json> answers;
    const std::size_t first = events_;
    for (; events_ < first + 2; ++events_) api_->give("event-" + std::to_string(events_), "{}");
    REQUIRE_MESSAGE(api_->wait_outcomes(events_), output());
    for (std::size_t event = first; event < events_; ++event) {
      const auto posted = api_->outcomes().at("event-" + std::to_string(event)).front();
      REQUIRE_MESSAGE(posted.answered, posted.body);
      answers.emplace_back(posted.body);
    }
    return answers;
  }

  bool have_old_connection() const { return api_->has_old_connection(); }

 private:
  Arguments options(const std::string& command) const {
    return {command,         "--images-dir", folder_.path(), "--shell-job",
            "--ext-unix-sk", "--file-locks", "-v1"};
  }

  void start_copy() {
    Arguments arguments{"--pid", "--fork", "--mount", "--mount-proc", "--kill-child", criu()};
    const Arguments restore = options("restore");
    arguments.insert(arguments.end(), restore.begin(), restore.end());
    // The machine of a copy has no connection of the original's.
    arguments.emplace_back("--tcp-close");
    copies_.push_back(std::make_unique<Program>("/usr/bin/unshare", arguments, criu_environment()));
  }

  std::string output() const {
    std::string text = original_->output();
    for (const auto& copy : copies_) text += copy->output();
    return text;
  }

  testing::ScratchFolder folder_;
  std::unique_ptr<ConcurrentApi> api_ = std::make_unique<ConcurrentApi>();
  std::unique_ptr<Program> original_;
  std::vector<std::unique_ptr<Program>> copies_;
  std::size_t events_ = 0;
};

}  // namespace

TEST_SUITE("SnapStart") {
  TEST_CASE("no two events of two copies share a random number, a name or a connection") {
    if (!can_copy()) return;
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;
      CAPTURE(strategy);
      Copies copies(strategy);
      Draws draws;
      std::set<std::string> machines;
      std::set<std::string> boots;
      std::set<std::int64_t> parents;
      std::map<std::string, Json> hooks;  // by boot and machine
      for (std::size_t round = 0; round < kRounds; ++round) {
        for (const Json& answer : copies.round()) {
          const std::string machine = answer.text("machine");
          machines.insert(machine);
          boots.insert(answer.text("booted"));
          parents.insert(answer.integer("parent"));
          hooks.insert_or_assign(machine + answer.raw("hooked"), answer);
          add(draws, answer, "drawn");
        }
      }
      for (const auto& [place, answer] : hooks) add(draws, answer, "hooked");
      CHECK(machines.size() == 2);
      // They are copies: they have the same processes, and what was drawn before the snapshot.
      CHECK(parents.size() == 1);
      if (strategy != "exec" && strategy != "prespawn") CHECK(boots.size() == 1);
      for (const auto& [name, values] : draws) {
        const std::string& source = name;  // clang 14 captures no binding
        CAPTURE(source);
        CHECK(std::set<std::string>(values.begin(), values.end()).size() == values.size());
        CHECK(values.size() == 2 * kRounds + hooks.size());
      }
      CHECK_FALSE(copies.have_old_connection());
    }
  }
}
