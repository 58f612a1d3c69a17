// SPDX-License-Identifier: MIT
#include "audit/application_record.h"

#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;

TEST_CASE("a fingerprint joins group and key with a dot") {
  const auto fingerprint = read_fingerprint(
      R"({"globals":{"a":"x1","b.c":"x2"},"ini":{"precision":14},"cwd":"/tmp","empty":{}})");
  REQUIRE(fingerprint.ok());
  CHECK(fingerprint.value() == Fingerprint{{"globals.a", "\"x1\""},
                                           {"globals.b.c", "\"x2\""},
                                           {"ini.precision", "14"},
                                           {"cwd", "\"/tmp\""}});
}

TEST_CASE("a value inside a group may be any JSON") {
  const auto fingerprint = read_fingerprint(R"({"ini":{"list":[1, {"a": 2}]}})");
  REQUIRE(fingerprint.ok());
  CHECK(fingerprint->at("ini.list") == R"([1,{"a":2}])");
}

TEST_CASE("a record has a line for each event, and the last line may lack its newline") {
  CHECK(read_record("").value().empty());
  CHECK(read_record("{\"a\":1}\n{\"a\":2}\n").value().size() == 2);
  CHECK(read_record("{\"a\":1}\n{\"a\":2}").value().size() == 2);
}

TEST_CASE("a line that is not a JSON object makes the record unreadable") {
  for (const char* text : {"\n", "{\"a\":1}\n{\"a\":", "{\"a\":1}\n[]\n", "null"}) {
    const auto record = read_record(text);
    REQUIRE_FALSE(record.ok());
    CHECK(record.error().kind == base::ErrorKind::kInvalid);
    CHECK(record.error().text.starts_with("audit: read record of an event: expected "));
  }
}

TEST_CASE("equal fingerprints have no changes, and a single one has none") {
  CHECK(compare({}).empty());
  CHECK(compare({{{"a", "1"}}}).empty());
  CHECK(compare({{{"a", "1"}}, {{"a", "1"}}, {{"a", "1"}}}).empty());
}

TEST_CASE("a key that is added, removed or changed is reported with the event before") {
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

TEST_CASE("a variable whose value differs between two boots is not reported") {
  const Fingerprint first{{"boot.id", "1"}, {"globals.$id", "1"}, {"ini.precision", "1"}};
  Fingerprint second{{"boot.id", "2"}, {"globals.$id", "2"}, {"ini.precision", "1"}};
  CHECK(compare({first, second}).empty());
  second["boot.id"] = "1";
  REQUIRE(compare({first, second}).size() == 1);
  CHECK(compare({first, second})[0].key == "globals.$id");
}

TEST_CASE("added and removed variables and changed settings are reported between two boots") {
  const Fingerprint first{{"boot.id", "1"}, {"globals.$gone", "1"}, {"ini.precision", "1"}};
  const Fingerprint second{{"boot.id", "2"}, {"globals.$came", "1"}, {"ini.precision", "2"}};
  const auto changes = compare({first, second});
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].key == "globals.$came");
  CHECK(changes[1].key == "globals.$gone");
  CHECK(changes[2].key == "ini.precision");
}

TEST_CASE("a value that changes repeatedly is one change with its first values") {
  const auto changes = compare({{{"n", "0"}}, {{"n", "0"}}, {{"n", "1"}}, {{"n", "2"}}, {}});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].before == "0");
  CHECK(changes[0].after == "1");
  CHECK(changes[0].event == 2);
  CHECK(changes[0].times == 3);
}

TEST_CASE("an application whose fingerprints agree left nothing behind") {
  const ApplicationReport report = read_application("{\"a\":1}\n{\"a\":1}\n{\"a\":1}\n", 3);
  CHECK(report.examined());
  CHECK(report.events == 3);
  CHECK(report.records == 3);
  CHECK(report.changes.empty());
}

TEST_CASE("an application whose fingerprints differ left a change behind") {
  const ApplicationReport report = read_application("{\"a\":1}\n{\"a\":2}\n", 2);
  CHECK(report.examined());
  REQUIRE(report.changes.size() == 1);
  CHECK(report.changes[0].key == "a");
}

TEST_CASE("fewer than two fingerprints prove nothing") {
  const ApplicationReport none = read_application("", 3);
  CHECK_FALSE(none.examined());
  CHECK(none.unknown == "the runtime recorded the state of no event");
  const ApplicationReport one = read_application("{\"a\":1}\n", 3);
  CHECK_FALSE(one.examined());
  CHECK(one.unknown == "the runtime recorded the state of one event only");
  const ApplicationReport garbled = read_application("{\"a\":1}\noops\n", 3);
  CHECK_FALSE(garbled.examined());
  CHECK(garbled.unknown.starts_with("audit: read record of an event: expected JSON: "));
}

TEST_CASE("groups that PHP refused to show are gaps, each named once") {
  const ApplicationReport report = read_application(
      "{\"ini\":{\"a\":1},\"code\":{\"not examined\":\"Error\"}}\n"
      "{\"ini\":{\"not examined\":\"Error\"},\"code\":{\"not examined\":\"Error\"}}\n",
      2);
  CHECK(report.gaps == std::vector<std::string>{"code", "ini"});
  CHECK(read_application("{\"a\":1}\n{\"a\":1}\n", 2).gaps.empty());
}

TEST_CASE("a repeated failure is kept once") {
  ApplicationReport report;
  add_failure(report, "DomainException: no");
  add_failure(report, "Runtime.ExitError: gone");
  add_failure(report, "DomainException: no");
  CHECK(report.failures ==
        std::vector<std::string>{"DomainException: no", "Runtime.ExitError: gone"});
}

TEST_CASE("a new record file is empty and readable by its owner only") {
  const RecordFile file;

  struct stat status {};

  REQUIRE(::stat(file.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(file.read().empty());
}

TEST_CASE("a record file can be read between two appends") {
  const RecordFile file;
  std::ofstream(file.path(), std::ios::app) << "one\n";
  CHECK(file.read() == "one\n");
  std::ofstream(file.path(), std::ios::app) << "two\n";
  CHECK(file.read() == "one\ntwo\n");
}

TEST_CASE("each record file has its own path and is removed with its object") {
  std::string path;
  {
    const RecordFile file;
    const RecordFile other;
    CHECK(file.path() != other.path());
    path = file.path();
  }

  struct stat status {};

  CHECK(::stat(path.c_str(), &status) == -1);
}
