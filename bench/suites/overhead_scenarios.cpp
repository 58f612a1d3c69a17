// SPDX-License-Identifier: MIT
//
// Scenarios about costs that are not the function's. emulator: the time that the local Lambda adds
// to an event, which is the caller's time minus the time between event out and answer in, measured
// with a runtime that does nothing. metrics: the cost of a line of PHORK_METRICS, written to a pipe
// as on Lambda.
#include <array>
#include <chrono>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "bench/figures/text.h"
#include "bench/suites/scenario.h"
#include "emulator/environments/local_lambda.h"
#include "emulator/gateway/gateway.h"
#include "emulator/http/client.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/lambda/variables.h"
#include "runtime/logging/log_writer.h"
#include "runtime/logging/metrics.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::MetricsFormat;
using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

constexpr unsigned kWarmUp = 500;
constexpr unsigned kEvents = 5000;
constexpr double kNsPerUs = 1000;
constexpr double kUsPerMs = 1000;

emulator::FunctionConfig echo_function() {
  emulator::FunctionConfig config;
  config.program = std::filesystem::read_symlink("/proc/self/exe").string();
  config.arguments = {"echo"};
  config.task_root = "/";
  config.handler = "echo";
  config.environment = process::current_environment();
  return config;
}

// Nanoseconds of each call after the warm-up. `call` returns whether it was answered.
template <typename Call>
base::Result<Samples> time_calls(const Run& run, Call call) {
  Samples samples;
  samples.reserve(kEvents);
  for (unsigned i = 0; i < kWarmUp + kEvents; ++i) {
    if (const Status going = run.go_on(); !going) return going.error();
    const auto started = Clock::now();
    const bool answered = call();
    const auto ended = Clock::now();
    if (!answered)
      return Error{ErrorKind::kRefused, "bench: echo an event: expected an answer, got none"};
    if (i < kWarmUp) continue;
    samples.push_back(
        std::chrono::duration_cast<std::chrono::nanoseconds>(ended - started).count());
  }
  return samples;
}

void add_row(const char* label, const Samples& samples, Table& table) {
  const auto figure = [&samples](double percent) {
    return static_cast<double>(percentile(samples, percent));
  };
  table.rows.push_back({label, {figure(50), figure(90), figure(99)}});
}

constexpr int kLines = 5000;

// Nanoseconds for each line. The pipe is emptied after each line, outside of the measured time.
Samples write_lines(MetricsFormat format, int reader) {
  const logging::MetricsWriter writer(format, "function");
  Samples samples;
  samples.reserve(kLines);
  std::array<char, 4096> emptied{};
  for (int i = 0; i < kLines; ++i) {
    const auto started = Clock::now();
    writer.write({"79104e00-b723-4a5c-9f4e-0b7d7c5b5a01", "fork", std::chrono::microseconds(321),
                  std::chrono::microseconds(1234 + i), 17, 256, 3, 640});
    const auto ended = Clock::now();
    samples.push_back(
        std::chrono::duration_cast<std::chrono::nanoseconds>(ended - started).count());
    [[maybe_unused]] const ssize_t got = ::read(reader, emptied.data(), emptied.size());
  }
  return samples;
}

}  // namespace

int run_echo_runtime() {
  const auto environment = lambda::read_variables();
  if (!environment) {
    base::log_error(environment.error().text);
    return 1;
  }
  lambda::HttpRuntimeApi api(environment->runtime_api);
  while (true) {
    const auto invocation = api.next();
    if (!invocation || !api.respond(invocation.value(), {invocation->event})) return 0;
  }
}

Status measure_emulator(const Setup& setup, ScenarioReport& report) {
  emulator::LogSink log(-1);
  emulator::LocalLambda lambda(echo_function(), log, "echo");
  emulator::Gateway gateway(lambda, emulator::payloads().front());
  if (Status listening = gateway.start(0); !listening) return listening;
  Status outcome = lambda.start();
  Table table{
      .title = "an event that does nothing, ns", .columns = {"p50", "p90", "p99"}, .rows = {}};
  Finding finding{.target = "the emulator's own cost of an event p50", .unit = "ms", .limit = 0.1};
  if (outcome) {
    const auto invoked = time_calls(setup.run, [&lambda] {
      emulator::Event event;
      event.payload = "{}";
      return lambda.invoke(std::move(event)).answered();
    });
    const auto runtime_us = static_cast<double>(lambda.summary().latency_us.p50);
    emulator::HttpClient client(gateway.port());
    const std::string request = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const auto called = time_calls(setup.run, [&] { return client.call(request).ok(); });
    if (!invoked) outcome = invoked.error();
    if (!called) outcome = called.error();
    if (outcome) {
      add_row("invoke", invoked.value(), table);
      add_row("over HTTP", called.value(), table);
      const double invoked_us = static_cast<double>(percentile(invoked.value(), 50)) / kNsPerUs;
      finding.measured = (invoked_us - runtime_us) / kUsPerMs;
      append_format(finding.note, "%u events: %.0f us for the caller, %.0f us for the runtime",
                    kEvents, invoked_us, runtime_us);
    }
  }
  lambda.request_stop();
  gateway.stop();
  lambda.stop();
  report.tables = {std::move(table)};
  report.findings = {std::move(finding)};
  return outcome;
}

Status measure_metrics(const Setup& /*setup*/, ScenarioReport& report) {
  Result<base::FdPair> pipe = base::open_pipe();
  if (!pipe) return pipe.error();
  logging::LogOptions options;
  options.standard_output = pipe->second.get();
  logging::LogWriter log(std::move(options));
  const base::InstalledLogSink installed(log);
  Table table{.title = "one line, ns", .columns = {"p50", "p99"}, .rows = {}};
  Finding finding{.target = "a line of emf metrics p50", .unit = "us", .limit = 5};
  for (const auto& [label, format] :
       {std::pair{"json", MetricsFormat::kJson}, std::pair{"emf", MetricsFormat::kEmf}}) {
    const Samples lines = write_lines(format, pipe->first.get());
    table.rows.push_back(
        {label,
         {static_cast<double>(percentile(lines, 50)), static_cast<double>(percentile(lines, 99))}});
    finding.measured = static_cast<double>(percentile(lines, 50)) / kNsPerUs;
  }
  finding.note = std::to_string(kLines) + " lines to a pipe";
  report.tables = {std::move(table)};
  report.findings = {std::move(finding)};
  return base::ok_status();
}

}  // namespace phork::bench
