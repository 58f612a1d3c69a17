// SPDX-License-Identifier: MIT
#include "audit/fingerprint.h"

#include <string>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;

TEST_CASE("a record is flat: group and key with a dot between them") {
  const auto fingerprint = read_fingerprint(
      R"({"globals":{"a":"x1","b.c":"x2"},"ini":{"precision":14},"cwd":"/tmp","empty":{}})");
  REQUIRE(fingerprint.ok());
  CHECK(fingerprint.value() == Fingerprint{{"globals.a", "\"x1\""},
                                           {"globals.b.c", "\"x2\""},
                                           {"ini.precision", "14"},
                                           {"cwd", "\"/tmp\""}});
}

TEST_CASE("what lies deeper is one value") {
  const auto fingerprint = read_fingerprint(R"({"ini":{"list":[1, {"a": 2}]}})");
  REQUIRE(fingerprint.ok());
  CHECK(fingerprint->at("ini.list") == R"([1,{"a":2}])");
}

TEST_CASE("a record has a line for each event, and the last may lack its end") {
  CHECK(read_record("").value().empty());
  CHECK(read_record("{\"a\":1}\n{\"a\":2}\n").value().size() == 2);
  CHECK(read_record("{\"a\":1}\n{\"a\":2}").value().size() == 2);
}

TEST_CASE("a line that is none makes the record unreadable") {
  for (const char* text : {"\n", "{\"a\":1}\n{\"a\":", "{\"a\":1}\n[]\n", "null"}) {
    const auto record = read_record(text);
    REQUIRE_FALSE(record.ok());
    CHECK(record.error().kind == base::ErrorKind::kInvalid);
    CHECK(record.error().text.starts_with("audit: read record of an event: expected "));
  }
}

TEST_CASE("equal events have no changes, and neither has a single one") {
  CHECK(compare({}).empty());
  CHECK(compare({{{"a", "1"}}}).empty());
  CHECK(compare({{{"a", "1"}}, {{"a", "1"}}, {{"a", "1"}}}).empty());
}

TEST_CASE("what is added, removed or changed is a change after the event before") {
  const auto changes = compare({{{"kept", "1"}, {"lost", "2"}, {"moved", "3"}},
                                {{"kept", "1"}, {"gained", "4"}, {"moved", "5"}}});
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].key == "gained");
  CHECK(changes[0].how == Change::How::kAdded);
  CHECK(changes[0].before.empty());
  CHECK(changes[0].after == "4");
  CHECK(changes[1].key == "lost");
  CHECK(changes[1].how == Change::How::kRemoved);
  CHECK(changes[1].before == "2");
  CHECK(changes[1].after.empty());
  CHECK(changes[2].key == "moved");
  CHECK(changes[2].how == Change::How::kChanged);
  CHECK(changes[2].before == "3");
  CHECK(changes[2].after == "5");
  CHECK(changes[2].event == 1);
}

TEST_CASE("variables of two boots may differ, and no event has left that") {
  const Fingerprint first{{"boot.id", "1"}, {"globals.$id", "1"}, {"ini.precision", "1"}};
  Fingerprint second{{"boot.id", "2"}, {"globals.$id", "2"}, {"ini.precision", "1"}};
  CHECK(compare({first, second}).empty());
  second["boot.id"] = "1";
  REQUIRE(compare({first, second}).size() == 1);
  CHECK(compare({first, second})[0].key == "globals.$id");
}

TEST_CASE("a variable that comes or goes, and any setting, counts between two boots too") {
  const Fingerprint first{{"boot.id", "1"}, {"globals.$gone", "1"}, {"ini.precision", "1"}};
  const Fingerprint second{{"boot.id", "2"}, {"globals.$came", "1"}, {"ini.precision", "2"}};
  const auto changes = compare({first, second});
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].key == "globals.$came");
  CHECK(changes[1].key == "globals.$gone");
  CHECK(changes[2].key == "ini.precision");
}

TEST_CASE("a value that changes again and again is one change with its first values") {
  const auto changes = compare({{{"n", "0"}}, {{"n", "0"}}, {{"n", "1"}}, {{"n", "2"}}, {}});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].before == "0");
  CHECK(changes[0].after == "1");
  CHECK(changes[0].event == 2);
  CHECK(changes[0].times == 3);
}
