// SPDX-License-Identifier: MIT
#include "bench/subjects/application.h"

#include <filesystem>
#include <string_view>

#include "emulator/gateway/v2.h"

namespace phork::bench {
namespace {

// A GET as API Gateway hands it out with payload format 2.0.
std::string get_event(std::string target) {
  emulator::HttpRequest request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers = {{"host", "bench.example"}, {"user-agent", "phork-bench"}, {"accept", "*/*"}};
  request.sent_names = {"Host", "User-Agent", "Accept"};
  request.remote_address = "127.0.0.1";
  // The time stays the same, as everything else does: event for event the same bytes.
  return emulator::make_v2_event(request,
                                 {"bench", "Root=1-5759e988-bd862e3fe1be46a994272793", 443, {}});
}

// The bytes of zero: nothing that it could protect exists.
constexpr std::string_view kLaravelKey = "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

}  // namespace

std::string_view name_of(HeapValues values) {
  return values == HeapValues::kSmall ? "small" : "big";
}

Application symfony_page(const std::string& source) {
  return {.name = "symfony",
          .task_root = source + "/examples/symfony",
          .handler = "phork.php",
          .payload = get_event("/hello/Ada?minimum_km=50000"),
          .sign = "Planets of at least",
          .environment = {{"PHORK_WARMUP", "GET /hello/warm-up?minimum_km=1"}},
          .needed = "vendor/autoload.php"};
}

Application laravel_page(const std::string& source) {
  return {.name = "laravel",
          .task_root = source + "/examples/laravel",
          .handler = "phork.php",
          .payload = get_event("/"),
          .sign = "<title>Order</title>",
          .environment = {{"PHORK_WARMUP", "GET /"}, {"APP_KEY", std::string(kLaravelKey)}},
          .needed = "vendor/autoload.php"};
}

Application hello(const std::string& source) {
  return {.name = "hello",
          .task_root = source + "/examples/hello",
          .handler = "index.php",
          .payload = R"({"name":"Ada"})",
          .sign = "Hello, Ada!"};
}

Application script(const std::string& source) {
  return {.name = "script",
          .task_root = source + "/bench/apps/script",
          .handler = "index.php",
          .payload = get_event("/?name=Ada"),
          .sign = "<li>Ada, 100</li>"};
}

Application two_ms(const std::string& source, const std::string& steps) {
  Application application{.name = "two-ms",
                          .task_root = source + "/bench/apps/two_ms",
                          .handler = "index.php",
                          .payload = "{}",
                          .sign = "steps"};
  if (!steps.empty()) application.environment = {{"BENCH_STEPS", steps}};
  return application;
}

Application heap(const std::string& source, unsigned megabytes, HeapValues values) {
  // The empty folder before the colon stands for those that PHP was built to look into.
  return {.name = "heap",
          .task_root = source + "/bench/apps/heap",
          .handler = "index.php",
          .payload = "{}",
          .sign = "sum",
          .environment = {{"BENCH_HEAP_MB", std::to_string(megabytes)},
                          {"BENCH_HEAP_VALUES", std::string(name_of(values))},
                          {"PHP_INI_SCAN_DIR", ":" + source + "/bench/apps/ini"}}};
}

Application facts(const std::string& source) {
  return {.name = "facts",
          .task_root = source + "/bench/apps/facts",
          .handler = "index.php",
          .payload = "{}",
          .sign = "version"};
}

std::optional<std::string> missing(const Application& application) {
  namespace fs = std::filesystem;
  for (const std::string& file : {application.handler, application.needed}) {
    std::error_code error;
    if (file.empty() || fs::is_regular_file(fs::path(application.task_root) / file, error)) {
      continue;
    }
    return application.name + " has no " + file;
  }
  return std::nullopt;
}

}  // namespace phork::bench
