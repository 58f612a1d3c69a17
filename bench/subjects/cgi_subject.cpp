// SPDX-License-Identifier: MIT
#include "bench/subjects/cgi_subject.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include "bench/subjects/launch.h"
#include "emulator/http/message.h"
#include "runtime/base/io.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/http/cgi_event.h"
#include "runtime/http/event_reader.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kEventTimeout = 30s;

}  // namespace

Result<Answer> read_cgi_answer(std::string_view written) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  const std::size_t head_end = written.find(kHeadEnd);
  if (head_end == std::string_view::npos) {
    return Error{ErrorKind::kInvalid, "expected headers and an empty line, got " +
                                          std::to_string(written.size()) + " bytes without them"};
  }
  Answer answer{200, std::string(written.substr(head_end + kHeadEnd.size()))};
  std::string_view head = written.substr(0, head_end);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    const auto header = emulator::parse_header_line(line);
    if (!header || header->name != "status") continue;
    std::string_view status = header->value;
    answer.status = base::take_number<int>(status).value_or(answer.status);
  }
  return answer;
}

CgiSubject::CgiSubject(Launch launch)
    : launch_(std::move(launch)),
      body_(base::check(::memfd_create("phork-bench-body", MFD_CLOEXEC), "bench: make body")) {}

Status CgiSubject::start() {
  const auto event = http::read_event(launch_.workload.payload);
  if (!event) return event.error();
  const http::ScriptRouting routing = http::routing_of(launch_.script, base::Route::kEntry);
  environment_ = environment_of(launch_);
  for (const auto& [name, value] :
       http::cgi_variables(event->request, {routing, base::EntryKind::kScript, "{}"})) {
    process::set_variable(environment_, name, value);
  }
  // Without REDIRECT_STATUS php-cgi refuses to run: it assumes that it lies in the document root.
  // https://www.php.net/manual/en/security.cgi-bin.force-redirect.php
  process::set_variable(environment_, "REDIRECT_STATUS", "200");
  std::string body = event->request.body;
  std::array<iovec, 1> parts = {{{body.data(), body.size()}}};
  return base::write_all(body_.get(), parts);
}

Result<Answer> CgiSubject::invoke() {
  Result<std::string> written = run();
  if (!written) return written.error();
  Result<Answer> answer = read_cgi_answer(written.value());
  if (!answer) return failure(answer.error().text);
  if (Status good = check_answer(answer.value(), launch_.workload.expected_text); !good) {
    return failure(good.error().text);
  }
  return answer;
}

Result<std::string> CgiSubject::run() {
  // The child shares the file offset of our descriptor and leaves it at the end of the body.
  base::check(static_cast<int>(::lseek(body_.get(), 0, SEEK_SET)), "bench: rewind the body");
  Result<base::FdPair> output = base::open_pipe();
  if (!output) return output.error();
  process::SpawnOptions options;
  options.program = launch_.program;
  options.arguments = {"php-cgi"};
  options.environment = environment_;
  options.working_directory = launch_.workload.task_root;
  options.descriptors = {{body_.get(), STDIN_FILENO},
                         {output->second.get(), STDOUT_FILENO},
                         {log_.fd(), STDERR_FILENO}};
  const Clock::time_point sent = Clock::now();
  auto process = process::Process::spawn(options);
  if (!process) return process.error();
  output->second.reset();
  std::string written = base::read_to_end(output->first.get(), sent + kEventTimeout);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent);
  const auto status = process.value()->wait(sent + kEventTimeout);
  if (!status) return failure("no answer within 30 s");
  if (!status->clean()) return failure("it ended: " + status->describe());
  samples_.push_back({.latency_us = took.count()});
  return written;
}

Result<std::vector<EventSample>> CgiSubject::take_samples() {
  return std::exchange(samples_, {});
}

Error CgiSubject::failure(const std::string& reason) {
  std::string text =
      "bench: serve event '" + launch_.workload.name + "' under " + launch_.label + ": " + reason;
  return log_.failure(std::move(text));
}

}  // namespace phork::bench
