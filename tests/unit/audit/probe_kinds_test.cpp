// SPDX-License-Identifier: MIT
#include "audit/probe_kinds.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;

namespace {

std::string list(const std::string& kinds) {
  return R"({"kinds":[)" + kinds + "]}";
}

constexpr const char* kGlobal =
    R"({"name":"global-variable","group":"php","title":"a global variable","available":true,)"
    R"("reason":"","channel":""})";

// What read_kinds() has against it.
std::string objection(const std::string& answer) {
  const auto kinds = read_kinds(answer);
  REQUIRE_FALSE(kinds.ok());
  CHECK(kinds.error().kind == base::ErrorKind::kInvalid);
  return kinds.error().text;
}

}  // namespace

TEST_CASE("kinds are listed as the probe tells them") {
  const auto kinds = read_kinds(
      list(std::string(kGlobal) +
           R"(,{"name":"apcu","group":"cache","title":"an entry of APCu","available":false,)"
           R"("reason":"needs ext/apcu","channel":"apcu","policy":"shared by all workers"})"));
  REQUIRE(kinds.ok());
  REQUIRE(kinds->size() == 2);
  const Kind& first = kinds.value()[0];
  CHECK(first.name == "global-variable");
  CHECK(first.group == "php");
  CHECK(first.title == "a global variable");
  CHECK(first.available);
  CHECK_FALSE(first.shared());
  CHECK(first.kept_by.empty());
  const Kind& second = kinds.value()[1];
  CHECK_FALSE(second.available);
  CHECK(second.reason == "needs ext/apcu");
  CHECK(second.shared());
  CHECK(second.policy == "shared by all workers");
}

TEST_CASE("a kind names the strategies that are known to keep it") {
  std::string kept = kGlobal;
  kept.insert(kept.size() - 1, R"(,"kept_by":["fpm","inprocess"])");
  const auto kinds = read_kinds(list(kept));
  REQUIRE(kinds.ok());
  CHECK(kinds.value()[0].stays_under("fpm"));
  CHECK(kinds.value()[0].stays_under("inprocess"));
  CHECK_FALSE(kinds.value()[0].stays_under("fork"));
}

TEST_CASE("what is no list of names does not excuse a kind anywhere") {
  for (const auto& [value, reason] :
       {std::pair{"\"fpm\"", "expected a list in 'kept_by', got text"},
        std::pair{"[true]", "expected names in 'kept_by', got a boolean"}}) {
    std::string kept = kGlobal;
    kept.insert(kept.size() - 1, std::string(",\"kept_by\":") + value);
    CHECK(objection(list(kept)) == "audit: read kinds of state: " + std::string(reason));
  }
}

TEST_CASE("answers that list no kinds say what was expected and what came") {
  CHECK(objection("").find("expected JSON: ") != std::string::npos);
  CHECK(objection("<html>").find("expected JSON: ") != std::string::npos);
  CHECK(objection("[1]") == "audit: read kinds of state: expected an object, got a list");
  CHECK(objection("{}") == "audit: read kinds of state: expected a field 'kinds', got none");
  CHECK(objection(R"({"kinds":null})") ==
        "audit: read kinds of state: expected a list in 'kinds', got null");
  CHECK(objection(list("")) == "audit: read kinds of state: expected one at least, got none");
  CHECK(objection(list("7")) ==
        "audit: read kinds of state: expected an object for each, got a number");
}

TEST_CASE("a kind needs its name, group and title, and to say whether it is available") {
  for (const char* name : {"name", "group", "title", "available"}) {
    std::string kind = kGlobal;
    kind.replace(kind.find(name), 1, "x");
    CHECK(objection(list(kind)).find("expected a field '" + std::string(name) + "'") !=
          std::string::npos);
  }
  CHECK(objection(list(R"({"name":7})")).find("text in 'name', got a number") != std::string::npos);
  CHECK(objection(list(R"({"name":"a","group":"b","title":"c","available":"yes"})"))
            .find("a boolean in 'available', got text") != std::string::npos);
}

TEST_CASE("names are kebab-case, and each is there once") {
  for (const char* name : {"", "Global", "a b", "a_b", "a\\n"}) {
    std::string kind = kGlobal;
    kind.replace(kind.find("global-variable"), 15, name);
    CHECK(objection(list(kind)).find("small letters, digits and '-'") != std::string::npos);
  }
  CHECK(objection(list(std::string(kGlobal) + "," + kGlobal)) ==
        "audit: read kinds of state: 'global-variable' comes twice");
}

TEST_CASE("every truncation of a list is refused") {
  const std::string whole = list(kGlobal);
  REQUIRE(read_kinds(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(read_kinds(whole.substr(0, size)).ok());
  }
}
