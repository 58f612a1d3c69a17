// SPDX-License-Identifier: MIT
#include "bench/measure/load_tool.h"

#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "bench/subjects/launch.h"
#include "emulator/environments/local_lambda.h"
#include "emulator/gateway/gateway.h"
#include "emulator/gateway/payload.h"
#include "emulator/observe/log_sink.h"
#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/program.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::chrono::seconds kRunTimeout{300};
constexpr int kPercentagesFd = 3;

// The number after the first `label`; empty when there is none.
std::optional<double> number_after(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = text.find_first_not_of(" \t", at + label.size());
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin);
  return base::take_number<double>(text);
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t at = text.rfind('\n');
  return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

}  // namespace

Result<LoadResult> read_ab(std::string_view printed, std::string_view percentages) {
  // A row of the table is "50,0.408". The newline before it keeps 99 from matching in 0.99.
  const auto missing = [](std::string_view label) {
    return Error{ErrorKind::kInvalid,
                 "bench: read figures of 'ab': expected '" + std::string(label) + "', got none"};
  };
  LoadResult result;
  const auto count = [](double value) { return static_cast<unsigned>(value); };
  const auto requests = number_after(printed, "Complete requests:");
  if (!requests) return missing("Complete requests");
  result.requests = count(*requests);
  const auto failed = number_after(printed, "Failed requests:");
  if (!failed) return missing("Failed requests");
  result.failed = count(*failed);
  result.not_2xx = count(number_after(printed, "Non-2xx responses:").value_or(0));

  struct Figure {
    std::string_view text;
    std::string_view label;
    double& value;
  };

  const std::array<Figure, 5> figures{{{printed, "Requests per second:", result.per_second},
                                       {printed, "Time per request:", result.mean_ms},
                                       {percentages, "\n50,", result.p50_ms},
                                       {percentages, "\n90,", result.p90_ms},
                                       {percentages, "\n99,", result.p99_ms}}};
  for (const Figure& figure : figures) {
    const auto value = number_after(figure.text, figure.label);
    if (!value) return missing(figure.label.substr(figure.label.find_first_not_of('\n')));
    figure.value = *value;
  }
  for (int percent = 0; percent < 100; ++percent) {
    const auto ms = number_after(percentages, '\n' + std::to_string(percent) + ',');
    if (ms) result.percentiles_us.push_back(std::llround(*ms * 1000));
  }
  return result;
}

Result<std::string> find_ab() {
  std::string path = base::find_program({"ab"}, base::variable("PATH"));
  if (!path.empty()) return path;
  return Error{ErrorKind::kInvalid,
               "bench: find 'ab': not in PATH; Debian has it in the package apache2-utils"};
}

Result<LoadResult> ask_with_ab(const std::string& ab, const LoadPlan& plan,
                               const std::string& url) {
  // -l: accept pages of varying length; -q: print no progress.
  // -e: write the percentages, as CSV, into a file in memory.
  const base::Fd file(base::check(::memfd_create("ab", MFD_CLOEXEC), "bench: memfd_create"));
  process::SpawnOptions options;
  options.program = ab;
  options.arguments = {ab,
                       "-q",
                       "-l",
                       "-c",
                       std::to_string(plan.concurrency),
                       "-n",
                       std::to_string(plan.requests),
                       "-e",
                       "/dev/fd/" + std::to_string(kPercentagesFd),
                       url};
  options.environment = process::current_environment();
  options.descriptors = {{file.get(), kPercentagesFd}};
  const auto output =
      process::run_to_end(std::move(options), kRunTimeout, process::ErrorStream::kWithOutput);
  if (!output) return output.error();
  if (!output->succeeded()) {
    return Error{ErrorKind::kRefused, "bench: run 'ab': " + output->describe_end() +
                                          "; it said: " + last_line(output->text)};
  }
  ::lseek(file.get(), 0, SEEK_SET);
  Result<LoadResult> result = read_ab(output->text, base::read_to_end(file.get()));
  if (!result || (result->failed == 0 && result->not_2xx == 0)) return result;
  return Error{ErrorKind::kRefused, "bench: run 'ab': expected no failed request, got " +
                                        std::to_string(result->failed) + " failed and " +
                                        std::to_string(result->not_2xx) +
                                        " not answered with 2xx, of " +
                                        std::to_string(result->requests)};
}

Result<LoadResult> run_ab(const std::string& ab, const emulator::FunctionConfig& function,
                          const LoadPlan& plan) {
  emulator::LogSink log(-1);
  emulator::LocalLambda lambda(function, log, "");
  emulator::Gateway gateway(lambda, *emulator::find_payload("v2"));
  if (base::Status listening = gateway.start(0); !listening) return listening.error();
  Result<LoadResult> result = LoadResult{};
  if (base::Status started = lambda.start(); !started) {
    result = started.error();
  } else {
    const std::string url = "http://127.0.0.1:" + std::to_string(gateway.port()) + plan.path;
    LoadPlan warm_up = plan;
    warm_up.requests = plan.warm_up;
    if (plan.warm_up > 0) result = ask_with_ab(ab, warm_up, url);
    if (result) result = ask_with_ab(ab, plan, url);
    if (result) result->cold_start_ms = lambda.summary().cold_start_ms;
  }
  lambda.request_stop();
  gateway.stop();
  lambda.stop();
  return result;
}

}  // namespace phork::bench
