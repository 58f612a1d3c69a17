// SPDX-License-Identifier: MIT
//
// Every kind of subject of `phork bench`, on one small script: each gives as many samples as it was
// asked for, answers alike, says why it cannot be measured, and leaves no process behind. No case
// looks at a duration.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include <doctest/doctest.h>

#include "bench/measure/sampling.h"
#include "bench/report/suite_report.h"
#include "bench/subjects/launch.h"
#include "runtime/base/program.h"
#include "runtime/base/settings.h"
#include "tests/support/http_event.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"

using namespace phork;
using namespace phork::bench;
using testing::program;
using testing::ScratchFolder;

namespace {

constexpr const char* kScript = R"(<?php
echo $_SERVER['REQUEST_METHOD'], ' ', $_SERVER['REQUEST_URI'], ' ',
    $_POST['name'] ?? 'nobody', ' ', getenv('BENCH_WORD'), "\n";
)";

// A runtime without phork: the Runtime API in a loop, as any language can do it.
constexpr const char* kForeignRuntime = R"(<?php
$api = 'http://' . getenv('AWS_LAMBDA_RUNTIME_API') . '/2018-06-01/runtime/';
$post = static fn (string $path, mixed $body) => file_get_contents($api . $path, false,
    stream_context_create(['http' => ['method' => 'POST', 'content' => json_encode($body)]]));
if (getenv('RUNTIME_DOES') === 'init-error') {
    $post('init/error', ['errorType' => 'Runtime.Broken', 'errorMessage' => 'no disk']);
    exit(1);
}
while (true) {
    $event = json_decode(file_get_contents($api . 'invocation/next'), true);
    $id = '';
    foreach ($http_response_header as $header) {
        if (stripos($header, 'Lambda-Runtime-Aws-Request-Id:') === 0) {
            $id = trim(substr($header, 30));
        }
    }
    if (getenv('RUNTIME_DOES') === 'error') {
        $post("invocation/$id/error", ['errorType' => 'LogicException', 'errorMessage' => 'no']);
        continue;
    }
    $body = $event['requestContext']['http']['method'] . ' ' . $event['rawPath'] . '?'
        . $event['rawQueryString'] . ' Ada ' . getenv('BENCH_WORD') . "\n";
    $post("invocation/$id/response", ['statusCode' => 200, 'body' => $body]);
}
)";

const std::atomic<bool> kNeverStopping = false;

Run make_run(const Effort& effort) {
  return {effort, kNeverStopping, [](const std::string& /*line*/) {}};
}

constexpr Effort kLittle{.rounds = 2, .warm_up = 2, .events = 5, .spaced = 3};

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The application of a test. Its processes are known by BENCH_MARK in their environment.
class Bench {
 public:
  Bench() {
    folder_.write("public/index.php", kScript);
    folder_.write("handler.php", "<?php return fn ($event) => ['seen' => true];");
    folder_.write("foreign.php", kForeignRuntime);
  }

  Workload workload(const std::string& handler = "public/index.php") const {
    testing::HttpCall call{"POST", "/path?a=b", {{"Host", "bench.example"}}, "name=Ada"};
    call.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    return {.name = "test",
            .task_root = folder_.path(),
            .handler = handler,
            .payload = testing::http_event(call),
            .expected_text = "POST /path?a=b Ada yes",
            .environment = {{"BENCH_WORD", "yes"}, {"BENCH_MARK", folder_.path()}}};
  }

  Launch strategy(const std::string& name) const {
    return strategy_launch(program("bootstrap"), name, workload());
  }

  Launch foreign(const std::string& does = "") const {
    auto launch = command_launch("foreign=RUNTIME_DOES=" + does + " php foreign.php", workload());
    REQUIRE(launch.ok());
    return std::move(launch).value();
  }

  base::Result<Launch> baseline(std::string_view name) const {
    return baseline_launch(name, program("php-worker"), workload());
  }

  void write(std::string_view name, std::string_view content) const {
    folder_.write(name, content);
  }

  std::string running_processes() const {
    std::string names;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string environment = read_all(entry.path() / "environ");
      if (environment.find("BENCH_MARK=" + folder_.path()) != std::string::npos) {
        names += entry.path().filename().string() + ' ' + read_all(entry.path() / "comm");
      }
    }
    return names;
  }

 private:
  ScratchFolder folder_;
};

// Called before main(). Debian's packages: nginx-light, php-fpm, php-cgi.
bool lacks_servers() {
  for (const char* program : {"nginx", "php-fpm", "php-cgi"}) {
    if (!base::find_program(base::php_program_names(program), base::variable("PATH")).empty()) {
      continue;
    }
    std::cerr << "skipped: cases with web servers, as there is no " << program << '\n';
    return true;
  }
  return false;
}

std::string error_of(const Launch& launch) {
  const auto subject = make_subject(launch);
  if (auto started = subject->start(); !started) return started.error().text;
  auto answer = subject->invoke();
  return answer ? "" : answer.error().text;
}

bool holds(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

void check_series(const Series& series, std::size_t rounds) {
  CAPTURE(series.label);
  const bool is_runtime = series.kind == SubjectKind::kRuntime;
  REQUIRE(series.rounds.size() == rounds);
  for (const Round& round : series.rounds) {
    CHECK(round.back_to_back.size() == 5);
    CHECK(round.spaced.size() == 3);
    CHECK(round.first_event_us > 0);
    CHECK((round.cold_start_us > 0) == (series.kind != SubjectKind::kPhpCgi));
    CHECK(round.cpu_us_per_event > 0);
    CHECK((round.usage.pss_kb() > 0) == (series.kind != SubjectKind::kPhpCgi));
  }
  const auto count = [&series](Measure measure) {
    return pooled(series.samples(Pace::kBackToBack, measure)).size();
  };
  CHECK(count(Measure::kLatency) == 5 * rounds);
  CHECK(count(Measure::kBilled) == (is_runtime ? 5 * rounds : 0));
  CHECK(std::ranges::min(pooled(series.samples(Pace::kSpaced, Measure::kLatency))) > 0);
}

}  // namespace

TEST_SUITE("bench subjects") {
  TEST_CASE("runtimes are measured in turns, phork's and any other") {
    const Bench bench;
    const auto all = interleave({bench.strategy("fork"), bench.foreign()}, make_run(kLittle));
    REQUIRE_MESSAGE(all.ok(), (all ? "" : all.error().text));
    REQUIRE(all->size() == 2);
    for (const Series& series : all.value()) check_series(series, 2);
    CHECK(differences(all.value()).empty());
    CHECK(all->at(0).strategy == "fork");
    CHECK(all->at(1).strategy.empty());
    CHECK(pooled(all->at(0).samples(Pace::kBackToBack, Measure::kFaults)).size() == 10);
    CHECK(pooled(all->at(1).samples(Pace::kBackToBack, Measure::kFaults)).empty());
    CHECK(all->at(0).figures(Figure::kThroughput).empty());
    CHECK(bench.running_processes() == "");
  }

  TEST_CASE("web servers are measured beside a runtime, and answer like it" *
            doctest::skip(lacks_servers())) {
    const Bench bench;
    std::vector<Launch> launches = {bench.strategy("inprocess")};
    for (const std::string_view name : baselines()) {
      auto launch = bench.baseline(name);
      REQUIRE(launch.ok());
      launches.push_back(std::move(launch).value());
    }
    Effort effort = kLittle;
    effort.rounds = 1;
    effort.concurrency = 2;
    effort.throughput_time = std::chrono::milliseconds(50);
    const auto all = interleave(launches, make_run(effort));
    REQUIRE_MESSAGE(all.ok(), (all ? "" : all.error().text));
    REQUIRE(all->size() == 4);
    for (const Series& series : all.value()) {
      check_series(series, 1);
      CHECK(series.answer == Answer{200, "POST /path?a=b Ada yes\n"});
      REQUIRE(series.figures(Figure::kThroughput).size() == 1);
      CHECK(series.figures(Figure::kThroughput).front() > 0);
    }
    CHECK(bench.running_processes() == "");
  }

  TEST_CASE("a part of a round ends at its time limit with the events it has") {
    const Bench bench;
    bench.write("public/index.php", "<?php usleep(20000); echo 'POST /path?a=b Ada yes';");
    Effort effort = kLittle;
    effort.rounds = 1;
    effort.events = 1'000'000;
    effort.part_limit = std::chrono::milliseconds(100);
    const auto all = interleave({bench.strategy("inprocess")}, make_run(effort));
    REQUIRE(all.ok());
    const std::size_t served = all->front().rounds.front().back_to_back.size();
    CHECK(served >= 1);
    CHECK(served <= 6);
  }

  TEST_CASE("a runtime that cannot be measured says why in its own words") {
    const Bench bench;
    const auto command = [&bench](const std::string& text) {
      auto launch = command_launch("other=" + text, bench.workload());
      REQUIRE(launch.ok());
      return error_of(launch.value());
    };
    const std::string missing = command("no-such-runtime --flag");
    holds(missing, "bench: boot 'test' under other: it ended: exit code 127");
    holds(missing, "no-such-runtime");
    holds(command("echo no licence; exit 3"), "exit code 3; it said: no licence");
    holds(error_of(bench.foreign("init-error")), "init failed: Runtime.Broken: no disk");
    holds(error_of(bench.foreign("error")), "serve event 'test' under foreign: LogicException: no");
    CHECK(bench.running_processes() == "");
  }

  TEST_CASE("an unexpected answer is not counted as a sample, for any kind of subject" *
            doctest::skip(lacks_servers())) {
    const Bench bench;
    std::vector<Launch> launches = {bench.strategy("inprocess")};
    for (const std::string_view name : baselines()) {
      auto launch = bench.baseline(name);
      REQUIRE(launch.ok());
      launches.push_back(std::move(launch).value());
    }
    bench.write("public/index.php", "<?php echo 'something else';");
    for (const Launch& launch : launches) {
      holds(error_of(launch),
            "expected an answer that contains 'POST /path?a=b Ada yes', got 14 bytes");
    }
    bench.write("public/index.php", "<?php http_response_code(503); echo 'busy';");
    for (const Launch& launch : launches) {
      holds(error_of(launch), "expected an answer with a status below 500, got 503");
    }
    CHECK(bench.running_processes() == "");
  }

  TEST_CASE("a web server that does not start says why" * doctest::skip(lacks_servers())) {
    const Bench bench;
    for (const char* name : {"nginx-fpm", "php-server"}) {
      auto launch = bench.baseline(name);
      REQUIRE(launch.ok());
      launch->program = "/nonexistent/php";
      holds(error_of(launch.value()), "process: spawn '/nonexistent/php'");
      launch->program = "/bin/false";
      holds(error_of(launch.value()), "bench: start of " + std::string(name) + ": it ended: exit");
    }
    CHECK(bench.running_processes() == "");
  }

  TEST_CASE("a baseline that cannot run the application is left out with the reason") {
    const ScratchFolder folder;
    folder.write("handler.php", "<?php return fn ($event) => ['seen' => true];");
    Workload workload{.name = "handler",
                      .task_root = folder.path(),
                      .handler = "handler.php",
                      .payload = testing::http_event("/"),
                      .expected_text = {}};
    const auto handler = baseline_launch("php-server", program("php-worker"), workload);
    REQUIRE_FALSE(handler.ok());
    CHECK(handler.error().kind == base::ErrorKind::kRefused);
    holds(handler.error().text, "handler.php is not a script");
    folder.write("index.php", "<?php echo 'here';");
    const auto script = baseline_launch("php-server", program("php-worker"), workload);
    REQUIRE(script.ok());
    CHECK(script->script == folder.file("index.php"));
    workload.payload = "{}";
    const auto event = baseline_launch("php-server", program("php-worker"), workload);
    REQUIRE_FALSE(event.ok());
    holds(event.error().text, "the event is not an HTTP request");
  }

  TEST_CASE("no subject is measured before all of them have answered once") {
    const Bench bench;
    const auto good = prime({bench.strategy("inprocess"), bench.foreign()}, make_run(kLittle));
    REQUIRE(good.ok());
    CHECK(good->at(0) == good->at(1));
    const auto bad = prime({bench.foreign("error")}, make_run(kLittle));
    REQUIRE_FALSE(bad.ok());
    holds(bad.error().text, "LogicException");
  }
}
