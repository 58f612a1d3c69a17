// SPDX-License-Identifier: MIT
//
// Emulator: what the local Lambda itself adds to an event: the caller's time without that from the
// event going out to its answer coming in, which is the runtime's, here one that does nothing.
#include <chrono>
#include <fcntl.h>
#include <filesystem>

#include "bench/figures/append_format.h"
#include "bench/subjects/http_client.h"
#include "bench/suites/scenario.h"
#include "emulator/environments/local_lambda.h"
#include "emulator/gateway/gateway.h"
#include "runtime/base/fd.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Status;

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

// Nanoseconds of each call, but for those that warm up. `call` returns whether it was answered.
template <typename Call>
base::Result<Samples> time_calls(const Run& run, Call call) {
  Samples samples;
  samples.reserve(kEvents);
  for (unsigned i = 0; i < kWarmUp + kEvents; ++i) {
    if (const Status going = run.go_on(); !going) return going.error();
    const auto started = std::chrono::steady_clock::now();
    const bool answered = call();
    const auto ended = std::chrono::steady_clock::now();
    if (!answered) return Error{ErrorKind::kRefused, "bench: echo an event: no answer"};
    if (i < kWarmUp) continue;
    samples.push_back(
        std::chrono::duration_cast<std::chrono::nanoseconds>(ended - started).count());
  }
  return samples;
}

void add_row(const char* label, const Samples& samples, Table& table) {
  const Distribution all(samples);
  table.rows.push_back({label,
                        {static_cast<double>(all.p50()), static_cast<double>(all.percentile(90)),
                         static_cast<double>(all.percentile(99))}});
}

}  // namespace

Status measure_emulator(const Setup& setup, ScenarioReport& report) {
  const base::Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  emulator::LogSink log(nowhere.get());
  emulator::LocalLambda lambda(echo_function(), log, "echo");
  emulator::HttpFront front(lambda, emulator::payloads().front());
  if (Status listening = front.start(0); !listening) return listening;
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
    HttpClient client(front.port());
    const std::string request = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const auto called = time_calls(setup.run, [&] { return client.call(request).ok(); });
    if (!invoked) outcome = invoked.error();
    if (!called) outcome = called.error();
    if (outcome) {
      add_row("invoke", invoked.value(), table);
      add_row("over HTTP", called.value(), table);
      const double invoked_us = static_cast<double>(Distribution(invoked.value()).p50()) / kNsPerUs;
      finding.measured = (invoked_us - runtime_us) / kUsPerMs;
      append_format(finding.note, "%u events: %.0f us for the caller, %.0f us for the runtime",
                    kEvents, invoked_us, runtime_us);
    }
  }
  lambda.request_stop();
  front.stop();
  lambda.stop();
  report.tables = {std::move(table)};
  report.findings = {std::move(finding)};
  return outcome;
}

}  // namespace phork::bench
