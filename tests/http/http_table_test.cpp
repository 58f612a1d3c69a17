// SPDX-License-Identifier: MIT
//
// Sends every case through nginx and php-fpm, and through phork with each gateway: status,
// headers, body and all superglobals must agree. Prints one table per strategy.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "emulator/gateway/stream_reply.h"
#include "tests/http/conversation.h"
#include "tests/http/differences.h"
#include "tests/http/site.h"

namespace {

using namespace phork;
using namespace phork::http_suite;
using testing::HttpCall;
using testing::ReferenceServer;
using testing::Runtime;

// The answers of php-fpm, asked once per case.
class Expectations {
 public:
  explicit Expectations(const Arrangement& arrangement)
      : scratch_(arrangement.settings),
        server_(reference_options(scratch_, arrangement.application)) {}

  const std::vector<Facts>& of(const HttpCase& item) {
    const auto [found, is_new] = known_.try_emplace(item.name);
    if (is_new) {
      found->second = converse(
          item, [this](const HttpCall& call) { return server_.call(behind_gateway(call)); });
    }
    return found->second;
  }

 private:
  Scratch scratch_;
  ReferenceServer server_;
  std::map<std::string, std::vector<Facts>> known_;
};

// The answer that the caller of a function URL gets from a stream.
emulator::HttpReply streamed_reply(const emulator::EventResult& result) {
  emulator::StreamPrelude prelude;
  std::string_view rest = result.body;
  auto head = prelude.read(rest);
  if (!head) return {502, {}, head.error().text, {}};
  if (!head.value()) return {502, {}, "the stream ends in its prelude: " + result.body, {}};
  head.value()->body = rest;
  return std::move(*head.value());
}

class Suite {
 public:
  Suite(std::string strategy, const Arrangement& arrangement, Expectations& expectations)
      : strategy_(std::move(strategy)),
        delivery_(arrangement.delivery),
        expectations_(expectations),
        scratch_(arrangement.settings),
        runtime_(runtime_options(scratch_, arrangement, strategy_)) {}

  void run(const HttpCases& cases) {
    std::size_t turn = 0;
    cases_ = cases.size();
    for (const HttpCase& item : cases) {
      table_ << "| " << std::left << std::setw(48) << item.name;
      for (const Gateway& gateway : all_gateways()) {
        table_ << " | " << std::setw(9)
               << (takes_turn(gateway, item, turn) ? run(item, gateway) : "");
      }
      table_ << " |\n";
      ++turn;
      check_uploads(item);
    }
  }

  std::string report() const {
    std::ostringstream out;
    out << "| " << std::left << std::setw(48) << strategy_;
    for (const Gateway& gateway : all_gateways()) out << " | " << std::setw(9) << gateway.name;
    out << " |\n" << table_.str();
    out << strategy_ << ": " << cases_ << " cases, " << conversations_ << " compared with php-fpm, "
        << failed_ << " differ\n";
    return out.str();
  }

 private:
  // PHP removes the files of uploads at the end of a request, sometimes after the answer has left.
  void check_uploads(const HttpCase& item) {
    const bool removed =
        testing::eventually([this] { return runtime_.idle() && scratch_.uploads_left() == 0; });
    CHECK_MESSAGE(removed, strategy_ << ", " << item.name << ": an upload's file is left behind");
    scratch_.remove_uploads();
  }

  // exec and prespawn boot for each event, which takes 60 ms, so the gateways take turns there.
  // Only a function URL passes a stream on, and a failure during a stream does not reach its
  // caller.
  bool takes_turn(const Gateway& gateway, const HttpCase& item, std::size_t turn) const {
    if (delivery_ == Delivery::kStreamed) {
      return gateway.name == "url" && (item.needs & kEndsWell) == 0;
    }
    if (strategy_ != "exec" && strategy_ != "prespawn") return true;
    std::vector<std::string_view> able;
    for (const Gateway& other : all_gateways()) {
      if (other.carries(item)) able.push_back(other.name);
    }
    return able[turn % able.size()] == gateway.name;
  }

  std::string run(const HttpCase& item, const Gateway& gateway) {
    if (!gateway.carries(item)) return "-";
    ++conversations_;
    std::string failures;
    const auto ask = [&](const HttpCall& call) {
      const emulator::EventResult result = runtime_.invoke(make_event(gateway, call));
      if (!result.answered()) failures.append("  the event failed: ").append(result.body);
      return result.streamed ? streamed_reply(result) : gateway.payload().make_reply(result);
    };
    const std::vector<Facts> answers = converse(item, ask);
    const std::vector<Facts>& expected = expectations_.of(item);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      failures.append(compare(answers[i], expected[i], gateway));
    }
    CHECK_MESSAGE(failures.empty(), strategy_ << ", " << gateway.name << ", " << item.name << ":\n"
                                              << failures);
    failed_ += failures.empty() ? 0 : 1;
    return failures.empty() ? "ok" : "DIFFERS";
  }

  std::string strategy_;
  Delivery delivery_;
  Expectations& expectations_;
  Scratch scratch_;
  Runtime runtime_;
  std::ostringstream table_;
  std::size_t cases_ = 0;
  int conversations_ = 0;
  int failed_ = 0;
};

std::string draw_gateways() {
  std::string table = "| gateway | cannot carry |\n|---|---|\n";
  for (const Gateway& gateway : all_gateways()) {
    table.append("| ")
        .append(gateway.name)
        .append(" | ")
        .append(describe(gateway.lacks))
        .append(" |\n");
  }
  return table;
}

std::string draw_differences() {
  std::string table = "| what | why |\n|---|---|\n";
  for (const Difference& difference : intended_differences()) {
    table.append("| ").append(difference.what).append(" | ").append(difference.why).append(" |\n");
  }
  return table;
}

void compare_with_php_fpm(const Arrangement& arrangement, const HttpCases& cases) {
  REQUIRE_MESSAGE(ReferenceServer::missing_programs().empty(),
                  "not installed: " << ReferenceServer::missing_programs());
  Expectations expectations(arrangement);
  for (const std::string& strategy : strategies_under_test()) {
    if (arrangement.delivery == Delivery::kStreamed && strategy == "fpm") continue;
    Suite suite(strategy, arrangement, expectations);
    suite.run(cases);
    std::cout << suite.report();
  }
}

}  // namespace

TEST_SUITE("http table") {
  TEST_CASE("no case has the name of another") {
    std::set<std::string> names;
    for (const HttpCase& item : all_cases())
      CHECK_MESSAGE(names.insert(item.name).second, item.name);
    CHECK(names.size() >= 150);
  }

  TEST_CASE("docs/http.md lists the differences that the suite allows, and no others") {
    std::ifstream file(testing::source_path("docs/http.md"));
    std::ostringstream page;
    page << file.rdbuf();
    for (const std::string& table : {draw_gateways(), draw_differences()}) {
      // An empty line follows the table: the page has no further row.
      CHECK_MESSAGE(page.str().find("\n\n" + table + "\n") != std::string::npos,
                    "docs/http.md does not hold this table:\n"
                        << table);
    }
  }

  TEST_CASE("one script for all paths answers as with nginx and php-fpm") {
    compare_with_php_fpm({}, all_cases());
  }

  TEST_CASE("the path chooses among scripts as with nginx and php-fpm") {
    compare_with_php_fpm({.application = Application::kScripts}, route_cases());
  }

  TEST_CASE("a streamed answer is the same answer") {
    // Streaming switches PHP's output buffer off, so the reference has none either.
    compare_with_php_fpm({.settings = Settings::kUnusual, .delivery = Delivery::kStreamed},
                         answer_cases());
  }

  TEST_CASE("unusual settings in php.ini have the same effect as under php-fpm") {
    compare_with_php_fpm({.settings = Settings::kFlushed}, settings_cases());
  }
}
