// SPDX-License-Identifier: MIT
//
// Metrics: what the line of PHORK_METRICS costs each event, written to a pipe as Lambda gives it.
#include <array>
#include <chrono>
#include <unistd.h>
#include <utility>

#include "bench/suites/scenario.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/logging/log_writer.h"
#include "runtime/logging/metrics.h"

namespace phork::bench {
namespace {

using base::Result;
using base::Status;
using logging::MetricsFormat;

constexpr int kLines = 5000;
constexpr double kNsPerUs = 1000;

// Nanoseconds for each line. The pipe is emptied line by line, outside of what is measured.
Samples write_lines(MetricsFormat format, int reader) {
  const logging::MetricsWriter writer(format, "function");
  Samples samples;
  samples.reserve(kLines);
  std::array<char, 4096> emptied{};
  for (int i = 0; i < kLines; ++i) {
    const auto started = std::chrono::steady_clock::now();
    writer.write({"79104e00-b723-4a5c-9f4e-0b7d7c5b5a01", "fork", std::chrono::microseconds(321),
                  std::chrono::microseconds(1234 + i), 17, 256, 3, 640});
    const auto ended = std::chrono::steady_clock::now();
    samples.push_back(
        std::chrono::duration_cast<std::chrono::nanoseconds>(ended - started).count());
    [[maybe_unused]] const ssize_t got = ::read(reader, emptied.data(), emptied.size());
  }
  return samples;
}

}  // namespace

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
    const Distribution lines(write_lines(format, pipe->first.get()));
    table.rows.push_back(
        {label, {static_cast<double>(lines.p50()), static_cast<double>(lines.percentile(99))}});
    finding.measured = static_cast<double>(lines.p50()) / kNsPerUs;
  }
  finding.note = std::to_string(kLines) + " lines to a pipe";
  report.tables = {std::move(table)};
  report.findings = {std::move(finding)};
  return base::ok_status();
}

}  // namespace phork::bench
