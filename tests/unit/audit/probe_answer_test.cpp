// SPDX-License-Identifier: MIT
#include "audit/probe_answer.h"

#include <string>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;

namespace {

template <typename T>
std::string objection(const base::Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == base::ErrorKind::kInvalid);
  return result.error().text;
}

}  // namespace

TEST_CASE("the events ask as the probe expects it") {
  CHECK(look_event("cwd") == R"({"audit":"look","kind":"cwd"})");
  CHECK(plant_event("cwd") == R"({"audit":"plant","kind":"cwd"})");
  CHECK(identity_event() == R"({"audit":"identity"})");
}

TEST_CASE("values are compared as JSON without white space, whatever they are") {
  CHECK(read_look(R"({"kind":"cwd","value":"/var/task"})", "cwd").value() == R"("/var/task")");
  CHECK(read_look(R"({"kind":"cwd","value":null})", "cwd").value() == "null");
  CHECK(read_look("{\"kind\":\"cwd\",\"value\": { \"a\" : [ 1,\n2 ] } }", "cwd").value() ==
        R"({"a":[1,2]})");
  const auto planted = read_plant(R"({"kind":"cwd","before":false,"after":true})", "cwd");
  REQUIRE(planted.ok());
  CHECK(planted->before == "false");
  CHECK(planted->after == "true");
}

TEST_CASE("an answer about another kind is none") {
  CHECK(objection(read_look(R"({"kind":"umask","value":1})", "cwd")) ==
        "audit: read answer to look: expected one about 'cwd', got another");
  CHECK(objection(read_plant(R"({"kind":"umask","before":1,"after":2})", "cwd")) ==
        "audit: read answer to plant: expected one about 'cwd', got another");
}

TEST_CASE("garbage is refused with what was expected") {
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

TEST_CASE("the identity tells PHP and its SAPI") {
  const auto identity =
      read_identity(R"({"pid":7,"generation":1,"sapi":"phork","php":"8.2.24","strategy":"fork"})");
  REQUIRE(identity.ok());
  CHECK(identity->php == "8.2.24");
  CHECK(identity->sapi == "phork");
  CHECK(objection(read_identity(R"({"sapi":"phork"})")).find("'php'") != std::string::npos);
  CHECK(objection(read_identity(R"({"php":"8.2","sapi":1})")).find("got a number") !=
        std::string::npos);
}
