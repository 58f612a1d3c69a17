// SPDX-License-Identifier: MIT
//
// Scenarios about costs that are not the function's. emulator: the time that the local Lambda adds
// to an event, which is the caller's time minus the time between event out and answer in, measured
// with a runtime that does nothing. metrics: the cost of a line of PHORK_METRICS, written to a pipe
// as on Lambda. tracing: the time that PHORK_TRACE takes from an event, in its worker and in the
// supervisor.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <variant>

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
#include "runtime/slot/report.h"
#include "runtime/tracing/tracer.h"

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

// Of an event that is traced: the report of its worker, and the call that makes its spans.
struct TracedEvents {
  Samples reported;
  Samples served;
};

Result<TracedEvents> trace_events(tracing::Tracer& tracer) {
  TracedEvents events;
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == -1) {
    return base::system_error("bench: make sockets", errno);
  }
  const base::Fd worker(ends[0]);
  const base::Fd supervisor(ends[1]);
  std::array<char, 4096> taken{};
  for (std::uint64_t us = 1; us <= kLines; ++us) {
    const auto begun = Clock::now();
    const std::string report = slot::encode(slot::CostReport{
        "79104e00-b723-4a5c-9f4e-0b7d7c5b5a01", std::chrono::microseconds(321), 17, 256, 3, 640,
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", us, us,
        false});
    ::send(worker.get(), report.data(), report.size(), MSG_NOSIGNAL);
    const auto sent = Clock::now();
    const ssize_t got = ::recv(supervisor.get(), taken.data(), taken.size(), 0);
    const auto decoded =
        slot::decode_report({taken.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
    if (!decoded) return decoded.error();
    const auto& cost = std::get<slot::CostReport>(decoded.value());
    const auto called = Clock::now();
    tracer.served(0, {.trace = cost.trace,
                      .request_id = cost.request_id,
                      .strategy = "fork",
                      .asked = tracing::Moment(std::chrono::microseconds(1000 * us)),
                      .taken = tracing::Moment(std::chrono::microseconds((1000 * us) + 1)),
                      .latency = cost.latency});
    const auto ended = Clock::now();
    events.reported.push_back((sent - begun).count());
    events.served.push_back((ended - called).count());
  }
  return events;
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

// Nobody listens at port 9, so that the thread that sends has its share of work and no more.
Status measure_tracing(const Setup& /*setup*/, ScenarioReport& report) {
  Table table{.title = "one event, ns",
              .columns = {"worker p50", "worker p99", "supervisor p50", "supervisor p99"},
              .rows = {}};
  Finding finding{.target = "what a traced event pays p50", .unit = "us", .limit = 10};
  for (const auto& [label, format] :
       {std::pair{"xray", base::Trace::kXray}, std::pair{"otlp", base::Trace::kOtlp}}) {
    tracing::Receiver receiver;
    receiver.format = format;
    receiver.endpoint = {"127.0.0.1", 9};
    receiver.path = "/v1/traces";
    tracing::Tracer tracer(std::move(receiver));
    const auto events = trace_events(tracer);
    if (!events) return events.error();
    const auto figure = [](const Samples& samples, double percent) {
      return static_cast<double>(percentile(samples, percent));
    };
    table.rows.push_back({label,
                          {figure(events->reported, 50), figure(events->reported, 99),
                           figure(events->served, 50), figure(events->served, 99)}});
    const double both = (figure(events->reported, 50) + figure(events->served, 50)) / kNsPerUs;
    finding.measured = std::max(finding.measured.value_or(0), both);
  }
  finding.note = std::to_string(kLines) + " events, worker and supervisor together";
  report.tables = {std::move(table)};
  report.findings = {std::move(finding)};
  return base::ok_status();
}

}  // namespace phork::bench
