// SPDX-License-Identifier: MIT
#include "audit/probe_protocol.h"

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

// The text of the error that a reader returned.
template <typename T>
std::string objection(const base::Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == base::ErrorKind::kInvalid);
  return result.error().text;
}

std::string objection(const std::string& answer) {
  return objection(read_kinds(answer));
}

}  // namespace

TEST_CASE("every field of a kind is read") {
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

TEST_CASE("a kind names the strategies known to keep it") {
  std::string kept = kGlobal;
  kept.insert(kept.size() - 1, R"(,"kept_by":["fpm","inprocess"])");
  const auto kinds = read_kinds(list(kept));
  REQUIRE(kinds.ok());
  CHECK(kinds.value()[0].stays_under("fpm"));
  CHECK(kinds.value()[0].stays_under("inprocess"));
  CHECK_FALSE(kinds.value()[0].stays_under("fork"));
}

TEST_CASE("kept_by has to be a list of names") {
  for (const auto& [value, reason] :
       {std::pair{"\"fpm\"", "expected a list in 'kept_by', got text"},
        std::pair{"[true]", "expected names in 'kept_by', got a boolean"}}) {
    std::string kept = kGlobal;
    kept.insert(kept.size() - 1, std::string(",\"kept_by\":") + value);
    CHECK(objection(list(kept)) == "audit: read kinds of state: " + std::string(reason));
  }
}

TEST_CASE("an answer without kinds is refused with what was expected and what came") {
  CHECK(objection("").find("expected JSON: ") != std::string::npos);
  CHECK(objection("<html>").find("expected JSON: ") != std::string::npos);
  CHECK(objection("[1]") == "audit: read kinds of state: expected an object, got a list");
  CHECK(objection("{}") == "audit: read kinds of state: expected a field 'kinds', got none");
  CHECK(objection(R"({"kinds":null})") ==
        "audit: read kinds of state: expected a list in 'kinds', got null");
  CHECK(objection(list("")) == "audit: read kinds of state: expected at least one kind, got none");
  CHECK(objection(list("7")) ==
        "audit: read kinds of state: expected an object for each kind, got a number");
}

TEST_CASE("a kind needs a name, a group, a title and its availability") {
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

TEST_CASE("names of kinds are kebab-case and unique") {
  for (const char* name : {"", "Global", "a b", "a_b", "a\\n"}) {
    std::string kind = kGlobal;
    kind.replace(kind.find("global-variable"), 15, name);
    CHECK(objection(list(kind)).find("lower-case letters, digits and '-'") != std::string::npos);
  }
  CHECK(objection(list(std::string(kGlobal) + "," + kGlobal)) ==
        "audit: read kinds of state: 'global-variable' is listed twice");
}

TEST_CASE("every truncation of a list is refused") {
  const std::string whole = list(kGlobal);
  REQUIRE(read_kinds(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(read_kinds(whole.substr(0, size)).ok());
  }
}

TEST_CASE("the events ask in the form that the probe expects") {
  CHECK(look_event("cwd") == R"({"audit":"look","kind":"cwd"})");
  CHECK(plant_event("cwd") == R"({"audit":"plant","kind":"cwd"})");
  CHECK(identity_event() == R"({"audit":"identity"})");
}

TEST_CASE("values of any type are read as JSON without white space") {
  CHECK(read_look(R"({"kind":"cwd","value":"/var/task"})", "cwd").value() == R"("/var/task")");
  CHECK(read_look(R"({"kind":"cwd","value":null})", "cwd").value() == "null");
  CHECK(read_look("{\"kind\":\"cwd\",\"value\": { \"a\" : [ 1,\n2 ] } }", "cwd").value() ==
        R"({"a":[1,2]})");
  const auto planted = read_plant(R"({"kind":"cwd","before":false,"after":true})", "cwd");
  REQUIRE(planted.ok());
  CHECK(planted->before == "false");
  CHECK(planted->after == "true");
}

TEST_CASE("an answer about another kind is refused") {
  CHECK(objection(read_look(R"({"kind":"umask","value":1})", "cwd")) ==
        "audit: read answer to look: expected an answer about 'cwd', got one about another kind");
  CHECK(objection(read_plant(R"({"kind":"umask","before":1,"after":2})", "cwd")) ==
        "audit: read answer to plant: expected an answer about 'cwd', got one about another kind");
}

TEST_CASE("an answer that breaks the protocol is refused with what was expected") {
  CHECK(objection(read_look("oops", "cwd")).find("expected JSON") != std::string::npos);
  CHECK(objection(read_look("[]", "cwd")).find("expected an object, got a list") !=
        std::string::npos);
  CHECK(objection(read_look(R"({"value":1})", "cwd")).find("a field 'kind', got none") !=
        std::string::npos);
  CHECK(objection(read_look(R"({"kind":"cwd"})", "cwd")).find("a field 'value', got none") !=
        std::string::npos);
  CHECK(objection(read_plant(R"({"kind":"cwd","after":1})", "cwd")).find("'before'") !=
        std::string::npos);
  CHECK(objection(read_plant(R"({"kind":"cwd","before":1})", "cwd")).find("'after'") !=
        std::string::npos);
}

TEST_CASE("the identity has the version of PHP and its SAPI") {
  const auto identity =
      read_identity(R"({"pid":7,"generation":1,"sapi":"phork","php":"8.2.24","strategy":"fork"})");
  REQUIRE(identity.ok());
  CHECK(identity->php == "8.2.24");
  CHECK(identity->sapi == "phork");
  CHECK(objection(read_identity(R"({"sapi":"phork"})")).find("'php'") != std::string::npos);
  CHECK(objection(read_identity(R"({"php":"8.2","sapi":1})")).find("got a number") !=
        std::string::npos);
}
