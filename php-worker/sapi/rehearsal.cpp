// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rehearsal.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/event_run.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/read_to_end.h"
#include "runtime/base/write_all.h"
#include "runtime/http/cgi_event.h"
#include "runtime/http/cgi_variables.h"
#include "runtime/http/invocation_context.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(";\n"), list.size());
    std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    item.remove_prefix(std::min(item.find_first_not_of(kBlank), item.size()));
    item = item.substr(0, item.find_last_not_of(kBlank) + 1);
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

// "GET /": a method in capitals, a space, a path.
bool is_request_line(std::string_view item) {
  const std::size_t space = item.find(' ');
  return space != std::string_view::npos && space > 0 && item.substr(space + 1).starts_with('/') &&
         std::all_of(item.begin(), item.begin() + static_cast<std::ptrdiff_t>(space),
                     [](unsigned char c) { return std::isupper(c) != 0; });
}

http::Request parse_request_line(std::string_view item) {
  const std::size_t space = item.find(' ');
  const std::string_view target = item.substr(space + 1);
  const std::size_t question = target.find('?');
  http::Request request;
  request.method = item.substr(0, space);
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query_string = target.substr(question + 1);
  request.headers = {{"host", "localhost"}, {"user-agent", "phork-rehearsal"}};
  request.remote_address = "127.0.0.1";
  return request;
}

base::Result<std::string> read_event_file(const std::string& name) {
  const char* root = std::getenv("LAMBDA_TASK_ROOT");
  const std::string path =
      name.starts_with('/') || root == nullptr ? name : std::string(root) + "/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return base::Error{base::ErrorKind::kInvalid,
                       "php-worker: rehearse '" + name +
                           "': expected METHOD /path or a readable JSON file, tried " + path};
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

base::Invocation rehearsal_invocation() {
  base::Invocation invocation;
  invocation.request_id = "00000000-0000-0000-0000-000000000000";
  invocation.deadline = std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now() + std::chrono::minutes(1));
  return invocation;
}

class Rehearsal {
 public:
  Rehearsal(Application& application, const Site& site) : application_(application), site_(site) {}

  base::Result<CallResult> play(const std::string& item) {
    base::Invocation invocation = rehearsal_invocation();
    if (is_request_line(item)) return play_request(parse_request_line(item), invocation);
    auto text = read_event_file(item);
    if (!text) return std::move(text).error();
    invocation.event = std::move(text).value();
    EventRun run(application_, lifetime_of(application_), true);
    if (application_.serves() == wire::Serves::kEvents) return run.run_handler(invocation);
    auto event = http::read_cgi_event(invocation, site_.files, site_.kind);
    if (!event) return std::move(event).error();
    return run.run_http({invocation, std::move(event->variables), event->body, {}, nullptr});
  }

 private:
  base::Result<CallResult> play_request(const http::Request& request,
                                        const base::Invocation& invocation) {
    if (application_.serves() == wire::Serves::kEvents) {
      return base::Error{base::ErrorKind::kInvalid,
                         "php-worker: rehearse '" + request.method +
                             " /...': the entry is a handler and takes JSON files, not requests"};
    }
    const std::string context = http::invocation_context_json(invocation);
    EventRun run(application_, lifetime_of(application_), true);
    return run.run_http({invocation,
                         http::cgi_variables(request, {site_.files, site_.kind, context}),
                         request.body,
                         {},
                         nullptr});
  }

  Application& application_;
  const Site& site_;
};

// The fatal error that the rehearsal ended with, if it did.
std::optional<base::Failure> judge(const std::string& item,
                                   const base::Result<CallResult>& played) {
  if (!played) return base::Failure{"Runtime.InvalidWarmup", played.error().text, {}};
  const Exchange& exchange = current_exchange();
  if (exchange.has_fatal && EG(exit_status) != 0) {
    return base::Failure{"Runtime.PhpFatal",
                         "rehearsal of '" + item + "' failed: " + exchange.fatal.message + " in " +
                             exchange.fatal.file + ":" + std::to_string(exchange.fatal.line),
                         {}};
  }
  if (const auto* failure = std::get_if<base::Failure>(&played.value())) {
    base::log_warn("php-worker: rehearse '" + item + "': " + failure->type + ": " +
                   failure->message);
  } else if (std::holds_alternative<HttpDone>(played.value()) && exchange.status >= 500) {
    base::log_warn("php-worker: rehearse '" + item + "': status " +
                   std::to_string(exchange.status));
  }
  return std::nullopt;
}

[[noreturn]] void play_and_leave(Rehearsal& rehearsal, const std::string& item,
                                 const base::Fd& pipe) {
  if (const auto failure = judge(item, rehearsal.play(item))) {
    std::array<iovec, 1> parts{base::piece(failure->message)};
    [[maybe_unused]] const base::Status written = base::write_all(pipe.get(), parts);
  }
  std::fflush(nullptr);
  ::_exit(0);
}

// A script declares what it declares each time it runs, and could not run again in this process nor
// in its forks. The copy leaves something behind all the same: opcache's memory is shared.
std::optional<base::Failure> play_in_copy(Rehearsal& rehearsal, const std::string& item) {
  auto pipe = base::open_pipe();
  if (!pipe) return base::Failure{"Runtime.InvalidWarmup", pipe.error().text, {}};
  const pid_t pid = ::fork();
  base::check(pid, "php-worker: fork a rehearsal");
  if (pid == 0) play_and_leave(rehearsal, item, pipe->second);
  pipe->second.reset();
  std::string verdict = base::read_to_end(pipe->first.get());
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (!verdict.empty()) return base::Failure{"Runtime.InvalidWarmup", std::move(verdict), {}};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  return base::Failure{"Runtime.InvalidWarmup",
                       "rehearsal of '" + item + "' failed: its process ended with wait status " +
                           std::to_string(status),
                       {}};
}

}  // namespace

std::optional<base::Failure> rehearse(Application& application, const Site& site,
                                      std::string_view list) {
  Rehearsal rehearsal(application, site);
  for (const std::string& item : split(list)) {
    if (application.is_script()) {
      if (auto failure = play_in_copy(rehearsal, item)) return failure;
      continue;
    }
    const auto played = rehearsal.play(item);
    auto failure = judge(item, played);
    if (failure) return failure;
    close_event();
  }
  current_exchange() = Exchange{};
  return std::nullopt;
}

}  // namespace phork::sapi
