// SPDX-License-Identifier: MIT
#include "bench/suites/workloads.h"

#include <filesystem>
#include <utility>

#include "emulator/gateway/v2.h"

namespace phork::bench {
namespace {

// A GET request as an HTTP API sends it, payload format 2.0.
std::string get_event(std::string target) {
  emulator::HttpRequest request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers = {{"host", "bench.example"}, {"user-agent", "phork-bench"}, {"accept", "*/*"}};
  request.sent_names = {"Host", "User-Agent", "Accept"};
  request.remote_address = "127.0.0.1";
  // A fixed time and trace id, so that all events have the same bytes.
  return emulator::make_v2_event(request,
                                 {"bench", "Root=1-5759e988-bd862e3fe1be46a994272793", 443, {}});
}

// The entry `handler` of bench/apps/symfony.
Workload symfony_entry(const std::string& source, const std::string& handler) {
  const std::string autoload = "examples/symfony/vendor/autoload.php";
  Workload workload = symfony_page(source);
  workload.task_root = source + "/bench/apps/symfony";
  workload.handler = handler;
  workload.environment.emplace_back("BREF_AUTOLOAD_PATH", source + '/' + autoload);
  workload.needed = "../../../" + autoload;
  return workload;
}

// 32 zero bytes: the application has nothing to protect.
constexpr std::string_view kLaravelKey = "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

}  // namespace

std::string_view name_of(HeapValues values) {
  return values == HeapValues::kSmall ? "small" : "big";
}

Workload symfony_page(const std::string& source) {
  return {.name = "symfony",
          .task_root = source + "/examples/symfony",
          .handler = "phork.php",
          .payload = get_event(kSymfonyPath),
          .expected_text = "Planets of at least",
          .environment = {{"PHORK_WARMUP", "GET /hello/warm-up?minimum_km=1"}},
          .needed = "vendor/autoload.php"};
}

Workload laravel_page(const std::string& source) {
  return {.name = "laravel",
          .task_root = source + "/examples/laravel",
          .handler = "phork.php",
          .payload = get_event("/"),
          .expected_text = "<title>Order</title>",
          .environment = {{"PHORK_WARMUP", "GET /"}, {"APP_KEY", std::string(kLaravelKey)}},
          .needed = "vendor/autoload.php"};
}

Workload symfony_function(const std::string& source) {
  Workload workload = symfony_entry(source, "function.php");
  workload.environment.emplace_back("PHORK_WARMUP", "warm-up.json");
  return workload;
}

Workload symfony_script(const std::string& source) {
  return symfony_entry(source, "script.php");
}

Workload hello(const std::string& source) {
  return {.name = "hello",
          .task_root = source + "/bench/apps/hello",
          .handler = "index.php",
          .payload = R"({"name":"Ada"})",
          .expected_text = "Hello, Ada!"};
}

Workload script(const std::string& source) {
  return {.name = "script",
          .task_root = source + "/bench/apps/script",
          .handler = "index.php",
          .payload = get_event("/?name=Ada"),
          .expected_text = "<li>Ada, 100</li>"};
}

Workload two_ms(const std::string& source, const std::string& steps) {
  Workload workload{.name = "two-ms",
                    .task_root = source + "/bench/apps/two_ms",
                    .handler = "index.php",
                    .payload = "{}",
                    .expected_text = "steps"};
  if (!steps.empty()) workload.environment = {{"BENCH_STEPS", steps}};
  return workload;
}

Workload heap(const std::string& source, unsigned megabytes, HeapValues values) {
  // Before the colon, the empty path stands for the folders that PHP was built with.
  return {.name = "heap",
          .task_root = source + "/bench/apps/heap",
          .handler = "index.php",
          .payload = "{}",
          .expected_text = "sum",
          .environment = {{"BENCH_HEAP_MB", std::to_string(megabytes)},
                          {"BENCH_HEAP_VALUES", std::string(name_of(values))},
                          {"PHP_INI_SCAN_DIR", ":" + source + "/bench/apps/ini"}}};
}

Workload facts(const std::string& source) {
  return {.name = "facts",
          .task_root = source + "/bench/apps/facts",
          .handler = "index.php",
          .payload = "{}",
          .expected_text = "version"};
}

std::optional<std::string> missing(const Workload& workload) {
  namespace fs = std::filesystem;
  for (const std::string& file : {workload.handler, workload.needed}) {
    std::error_code error;
    if (file.empty() || fs::is_regular_file(fs::path(workload.task_root) / file, error)) {
      continue;
    }
    return workload.name + " has no " + file;
  }
  return std::nullopt;
}

}  // namespace phork::bench
