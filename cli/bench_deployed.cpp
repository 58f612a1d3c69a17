// SPDX-License-Identifier: MIT
#include "cli/bench_deployed.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "bench/report/deployed_report.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

using base::Error;
using base::Result;

// Of 50 or fewer, ab takes its 99th percentile from behind its table (output_results in ab.c);
// of fewer than this it says nothing.
constexpr unsigned kFewestRequests = 100;

// The host and its port, and what stands before them.
std::string_view authority_of(std::string_view url) {
  url.remove_prefix(url.find("//") + 2);
  return url.substr(0, url.find_first_of("/?#"));
}

Result<bench::LoadResult> measure(const BenchOptions& options) {
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) {
    return invalid("measure", options.url, "expected a URL with http:// or https://");
  }
  if (const std::size_t at = authority_of(options.url).find('@'); at != std::string_view::npos) {
    return invalid("measure", std::string(authority_of(options.url).substr(at + 1)),
                   "expected a URL without a name and a password, which ab does not send");
  }
  if (options.events < kFewestRequests) {
    return invalid("measure", options.url,
                   "expected at least " + std::to_string(kFewestRequests) +
                       " requests (-n) for a 99th percentile, got " +
                       std::to_string(options.events));
  }
  Result<std::string> ab = bench::find_ab();
  if (!ab) return ab.error();
  // ab takes an address without a path for none.
  std::string url = options.url;
  if (url.find('/', url.find("//") + 2) == std::string::npos) url += '/';
  return bench::ask_with_ab(
      ab.value(), {.requests = options.events, .concurrency = options.url_concurrency()}, url);
}

Result<bench::FunctionLog> read_log(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    // A directory opens, and cannot be read.
    if (!stream || stream.peek() == std::ifstream::traits_type::eof()) {
      return invalid("read log", file,
                     errno != 0 ? std::strerror(errno) : "expected REPORT lines, got nothing");
    }
    text.assign(std::istreambuf_iterator<char>(stream), {});
  }
  return bench::read_function_log(text);
}

}  // namespace

ExitCode bench_deployed(const BenchOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader of stdout may stop early
  bench::DeployedReport report;
  report.url = options.url;
  report.concurrency = options.url_concurrency();
  report.log_file = options.log_file;
  if (!options.url.empty()) {
    Result<bench::LoadResult> load = measure(options);
    if (!load) return refuse(load.error());
    report.load = std::move(load).value();
  }
  if (!options.log_file.empty()) {
    Result<bench::FunctionLog> log = read_log(options.log_file);
    if (!log) return refuse(log.error());
    report.log = std::move(log).value();
  }
  std::cout << bench::to_text(report) << std::flush;
  const base::Status written =
      write_output_file("report", options.json_file, bench::to_json(report) + '\n');
  return written ? kOk : refuse(written.error());
}

}  // namespace phork::cli
