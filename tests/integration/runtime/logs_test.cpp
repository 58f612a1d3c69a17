// SPDX-License-Identifier: MIT
//
// Every line of PHP and of the runtime arrives in the function's log: tagged, whole and in order,
// in the format that Lambda asks for.
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

// All but fpm, whose log is tested in fpm_test.cpp.
const std::vector<std::string>& logging_strategies() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names = testing::all_strategies();
    std::erase(names, "fpm");
    return names;
  }();
  return all;
}

RuntimeOptions logging(const std::string& strategy,
                       std::map<std::string, std::string> environment = {}) {
  RuntimeOptions options;
  options.handler = "logs.php";
  options.strategy = strategy;
  options.environment = std::move(environment);
  return options;
}

std::string step(const std::string& what, const std::string& text) {
  return "[\"" + what + "\",\"" + text + "\"]";
}

std::string flood(const std::string& way, int lines, int bytes) {
  return R"(["flood",{"way":")" + way + R"(","lines":)" + std::to_string(lines) + R"(,"bytes":)" +
         std::to_string(bytes) + "}]";
}

// Serves one event with these steps, and waits until all its lines are out.
emulator::EventResult run(Runtime& runtime, const std::string& request_id,
                          const std::string& steps) {
  emulator::Event event;
  event.request_id = request_id;
  event.payload = R"({"steps":[)" + steps + R"(],"child":true})";
  auto result = runtime.invoke(std::move(event));
  REQUIRE_MESSAGE(testing::eventually([&runtime] { return runtime.idle(); }),
                  runtime.output_when_idle());
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct Record {
  std::string time;
  std::string request_id;
  std::string level;
  std::string message;
};

// A line of the text format.
Record parse(const std::string& line) {
  Record record;
  std::istringstream fields(line);
  std::getline(fields, record.time, '\t');
  std::getline(fields, record.request_id, '\t');
  std::getline(fields, record.level, '\t');
  std::getline(fields, record.message);
  return record;
}

// The records of the log whose message holds `part`.
std::vector<Record> find(const std::string& log, const std::string& part) {
  std::vector<Record> found;
  for (const std::string& line : lines_of(log)) {
    Record record = parse(line);
    if (record.message.find(part) != std::string::npos) found.push_back(std::move(record));
  }
  return found;
}

Record find_one(const std::string& log, const std::string& part) {
  const auto found = find(log, part);
  REQUIRE_MESSAGE(found.size() == 1, "'" << part << "' in:\n" << log);
  return found.front();
}

// The pipe that Lambda would give, read to its end by a thread of the test.
class FramePipe {
 public:
  // The descriptor's number in the runtime.
  static constexpr int kNumber = 17;

  FramePipe() : pipe_(base::open_pipe().value()) {
    base::check(::fcntl(pipe_.first.get(), F_SETFL, 0), "make a pipe blocking");

    struct stat status {};

    base::check(::fstat(pipe_.second.get(), &status), "look at a pipe");
    link_ = "pipe:[" + std::to_string(status.st_ino) + "]";
  }

  void give_to(RuntimeOptions& options) const {
    options.environment["_LAMBDA_TELEMETRY_LOG_FD"] = std::to_string(kNumber);
    options.descriptors.push_back({pipe_.second.get(), kNumber});
  }

  // As /proc/PID/fd shows it.
  const std::string& link() const { return link_; }

  // Every byte that was written. Call it after the processes that write to the pipe have ended.
  std::string take() {
    pipe_.second.reset();
    std::string bytes;
    std::array<char, 4096> chunk{};
    for (ssize_t got = 0; (got = ::read(pipe_.first.get(), chunk.data(), chunk.size())) > 0;) {
      bytes.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return bytes;
  }

 private:
  base::FdPair pipe_;
  std::string link_;
};

struct Frame {
  std::uint32_t type = 0;
  std::uint64_t us = 0;
  std::string message;
};

constexpr std::uint32_t kInfoText = 0xA55A000F;
constexpr std::uint32_t kErrorText = 0xA55A0017;
constexpr std::uint32_t kInfoJson = 0xA55A000E;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

std::vector<Frame> frames_of(std::string_view bytes) {
  std::vector<Frame> frames;
  while (!bytes.empty()) {
    REQUIRE(bytes.size() >= 16);
    const auto length = static_cast<std::size_t>(big_endian(bytes.substr(4, 4)));
    REQUIRE(bytes.size() >= 16 + length);
    frames.push_back({static_cast<std::uint32_t>(big_endian(bytes.substr(0, 4))),
                      big_endian(bytes.substr(8, 8)), std::string(bytes.substr(16, length))});
    bytes.remove_prefix(16 + length);
  }
  return frames;
}

// Frames of this type, with a time that can be right, whose message holds `part`.
int count(const std::vector<Frame>& frames, std::uint32_t type, const std::string& part) {
  constexpr std::uint64_t kAfter2023 = 1'700'000'000'000'000;
  return static_cast<int>(std::count_if(frames.begin(), frames.end(), [&](const Frame& frame) {
    return frame.type == type && frame.us > kAfter2023 &&
           frame.message.find(part) != std::string::npos;
  }));
}

}  // namespace

TEST_SUITE("logs") {
  TEST_CASE("every line is tagged with the id of its event") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(logging(strategy));
      for (int event = 0; event < 50; ++event) {
        const std::string id = "event-" + std::to_string(event);
        run(runtime, id,
            step("echo", "echo of " + id) + "," + step("error_log", "log of " + id) + "," +
                step("warn", "odd in " + id));
      }
      const std::string log = runtime.output_when_idle();
      for (int event = 0; event < 50; ++event) {
        const std::string id = "event-" + std::to_string(event);
        const auto records = find(log, " of " + id);
        int own = 0;
        for (const Record& record : records) {
          if (record.message.ends_with(" " + id)) own += record.request_id == id ? 1 : 100;
        }
        CHECK(own == 2);
        const Record warning = find_one(log, "odd in " + id + " in ");
        CHECK(warning.request_id == id);
        CHECK(warning.level == "WARN");
        CHECK(warning.time.size() == sizeof "2025-01-31T12:00:00.123Z" - 1);
      }
    }
  }

  TEST_CASE("a stack trace is one record, whether the handler or the runtime writes it") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(logging(strategy));
      run(runtime, "id-1", step("error_log", R"(first\nsecond\nthird\n)"));
      run(runtime, "id-2", step("throw", "on purpose"));
      const std::string log = runtime.output_when_idle();
      CHECK(find_one(log, "first").message == "first\rsecond\rthird");
      const Record thrown = find_one(log, "event failed: DomainException: on purpose");
      CHECK(thrown.request_id == "id-2");
      CHECK(thrown.level == "ERROR");
      CHECK(thrown.message.find("\r#0 ") != std::string::npos);
      CHECK(find(log, "{main}").size() == 1);
    }
  }

  TEST_CASE("output to the process's own stdout and stderr is logged line by line") {
    Runtime runtime(logging("fork"));
    run(runtime, "id-1",
        step("stderr", R"(PHP Notice:  one\ntwo\n)") + "," + step("stdout", "no line end"));
    const std::string log = runtime.output_when_idle();
    CHECK(find_one(log, "one").request_id == "id-1");
    CHECK(find_one(log, "two").request_id == "id-1");
    CHECK(find_one(log, "no line end").request_id == "id-1");
  }

  TEST_CASE("in JSON every line is an object with time, level and request id") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(logging(strategy, {{"AWS_LAMBDA_LOG_FORMAT", "JSON"}}));
      run(runtime, "id-1",
          step("echo", R"(plain\n{\"message\":\"own\",\"level_name\":\"ERROR\",\"n\":[1]}\n)") +
              "," + step("error_log", R"(a\nb \u00e9)") + "," + step("warn", "odd"));
      run(runtime, "id-2", step("throw", "on purpose"));
      int seen = 0;
      for (const std::string& line : lines_of(runtime.output_when_idle())) {
        const Json record(line);
        CHECK(record.has("timestamp"));
        const std::string level = record.text("level");
        const std::string message = record.text("message");
        const auto is = [&](const char* expected) { return message.starts_with(expected); };
        if (is("plain") || is("a\nb \u00e9")) {
          seen += level == "INFO" && record.text("requestId") == "id-1" ? 1 : 100;
        } else if (is("own")) {
          seen += level == "ERROR" && record.raw("n") == "[1]" ? 1 : 100;
        } else if (is("PHP Warning:  odd")) {
          seen += level == "WARN" ? 1 : 100;
        } else if (message.find("event failed") != std::string::npos) {
          CHECK(record.text("requestId") == "id-2");
          CHECK(record.text("errorType") == "DomainException");
          CHECK(record.text("errorMessage") == "on purpose");
          CHECK(record.text("stackTrace.0").starts_with("#0 "));
          ++seen;
        }
      }
      CHECK_MESSAGE(seen == 5, runtime.output_when_idle());
    }
  }

  TEST_CASE("output of the boot is a record, too") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = logging(strategy, {{"AWS_LAMBDA_LOG_FORMAT", "JSON"}});
      options.handler = "says_at_boot.php";
      Runtime runtime(options);
      run(runtime, "id-1", "");
      int said = 0;
      int warned = 0;
      for (const std::string& line : lines_of(runtime.output_when_idle())) {
        const Json record(line);
        if (record.text("message") == "echoed at boot") ++said;
        if (record.text("message").starts_with("PHP Warning:  warned at boot in ")) ++warned;
      }
      // A second process may have booted for the next event.
      CHECK_MESSAGE(said >= 1, runtime.output_when_idle());
      CHECK(warned >= 1);
    }
  }

  TEST_CASE("in JSON the level is a filter, in text it is not") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      const std::string steps =
          step("echo", R"(quiet\n[error] loud\n)") + "," + step("warn", "odd");
      Runtime json(logging(strategy,
                           {{"AWS_LAMBDA_LOG_FORMAT", "json"}, {"AWS_LAMBDA_LOG_LEVEL", "ERROR"}}));
      run(json, "id-1", steps);
      const auto lines = lines_of(json.output());
      REQUIRE_MESSAGE(lines.size() == 1, json.output());
      CHECK(Json(lines.front()).text("message") == "[error] loud");
      Runtime text(logging(strategy, {{"AWS_LAMBDA_LOG_LEVEL", "ERROR"}}));
      run(text, "id-1", steps);
      CHECK(lines_of(text.output()).size() == 3);
    }
  }

  TEST_CASE("records are frames where Lambda gives a pipe for them, and PHP never holds it") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      FramePipe pipe;
      std::string on_streams;
      {
        RuntimeOptions options =
            logging(strategy, {{"PHORK_METRICS", "json"}, {"PHORK_MAX_EVENTS", "1"}});
        pipe.give_to(options);
        Runtime runtime(options);
        const auto result = run(
            runtime, "id-1",
            step("echo", "said") + "," + step("error_log", R"(PHP Fatal error:  Uncaught E\n#0)"));
        REQUIRE(result.answered());
        const Json seen(result.body);
        CHECK(seen.raw("variable") == "false");
        CHECK(seen.raw("child").find("pipe:[") != std::string::npos);
        CHECK(seen.raw("child").find(pipe.link()) == std::string::npos);
        CHECK(seen.raw("own").find(pipe.link()) == std::string::npos);
        run(runtime, "id-2", step("throw", "on purpose"));
        on_streams = testing::without_zygote_lines(runtime.output_when_idle());
      }
      CHECK(on_streams.empty());
      const auto frames = frames_of(pipe.take());
      CHECK(count(frames, kInfoText, "\tid-1\tINFO\tsaid") == 1);
      CHECK(count(frames, kErrorText, "\tid-1\tERROR\tPHP Fatal error:  Uncaught E\n#0") == 1);
      CHECK(count(frames, kErrorText, "event failed: DomainException: on purpose\n#0 ") == 1);
      CHECK(count(frames, kInfoJson, R"({"phork":"event","request_id":"id-)") == 2);
      CHECK(frames.size() == 5);
    }
  }

  TEST_CASE("10,000 lines keep their order") {
    for (const std::string& strategy : logging_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(logging(strategy));
      run(runtime, "id-1", flood("echo", 10'000, 20));
      int next = 0;
      for (const Record& record : find(runtime.output_when_idle(), "xxxx")) {
        if (record.message.starts_with(std::to_string(next) + " x")) ++next;
      }
      CHECK(next == 10'000);
    }
  }

  TEST_CASE("64 MB of log in one event, in many lines or one, lose no byte and take no memory") {
    constexpr int kBytes = 64 << 20;
    constexpr int kLineBytes = 16 << 10;
    for (const std::string& strategy : logging_strategies()) {
      for (const int lines : {kBytes / kLineBytes, 0}) {
        CAPTURE(strategy);
        CAPTURE(lines);
        RuntimeOptions options = logging(strategy);
        options.timeout = std::chrono::seconds(20);
        Runtime runtime(options);
        REQUIRE(testing::eventually([&runtime] { return runtime.idle(); }));
        const long before_kb = testing::memory_kb(runtime.pid(), "VmHWM");
        const auto result =
            run(runtime, "id-1", flood("stderr", lines, lines == 0 ? kBytes : kLineBytes));
        CHECK(result.answered());
        std::size_t bytes = 0;
        for (const std::string& line :
             lines_of(testing::without_zygote_lines(runtime.output_when_idle()))) {
          const Record record = parse(line);
          CHECK(record.request_id == "id-1");
          bytes += record.message.size();
        }
        CHECK(bytes == static_cast<std::size_t>(kBytes - lines));  // line ends are not counted
        CHECK(testing::memory_kb(runtime.pid(), "VmHWM") < before_kb + (16 << 10));
      }
    }
  }
}
