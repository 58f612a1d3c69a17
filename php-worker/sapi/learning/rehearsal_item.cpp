// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/rehearsal_item.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "php-worker/sapi/event_run.h"
#include "runtime/base/settings.h"
#include "runtime/http/cgi_event.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kBlank = " \t\r";

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
  const std::string root = base::variable("LAMBDA_TASK_ROOT");
  const std::string path = name.starts_with('/') || root.empty() ? name : root + "/" + name;
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || !std::filesystem::is_regular_file(path, ignored)) {
    return base::Error{base::ErrorKind::kInvalid,
                       "php-worker: rehearse '" + name +
                           "': expected METHOD /path or a readable JSON file, tried " + path};
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

event::Invocation rehearsal_invocation() {
  event::Invocation invocation;
  invocation.request_id = "00000000-0000-0000-0000-000000000000";
  invocation.deadline = std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now() + std::chrono::minutes(1));
  return invocation;
}

base::Result<CallResult> play_request(const RehearsalStage& stage, const http::Request& request,
                                      const event::Invocation& invocation) {
  if (stage.application.serves() == Serves::kEvents) {
    return base::Error{base::ErrorKind::kInvalid,
                       "php-worker: rehearse '" + request.method +
                           " /...': the entry is a handler and takes JSON files, not requests: "
                           "name a file with an event, or rehearse nothing (phork deploy: "
                           "--template function or --set Warmup=; phork package: --env "
                           "PHORK_WARMUP=)"};
  }
  const std::string context = http::invocation_context_json(invocation);
  EventRun run(stage.application, stage.lifetime, true);
  CallResult result =
      run.run_http({invocation,
                    http::cgi_variables(request, {stage.entry.files, stage.entry.kind, context}),
                    request.body,
                    {},
                    nullptr});
  run.run_after_hooks(invocation, result);
  return result;
}

}  // namespace

std::vector<std::string> split_rehearsal(std::string_view list) {
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

base::Result<CallResult> play_item(const RehearsalStage& stage, const std::string& item) {
  event::Invocation invocation = rehearsal_invocation();
  if (is_request_line(item)) return play_request(stage, parse_request_line(item), invocation);
  auto text = read_event_file(item);
  if (!text) return std::move(text).error();
  invocation.event = std::move(text).value();
  EventRun run(stage.application, stage.lifetime, true);
  CallResult result;
  if (stage.application.serves() == Serves::kEvents) {
    result = run.run_handler(invocation);
  } else {
    auto event = http::read_cgi_event(invocation, stage.entry.files, stage.entry.kind);
    if (!event) return std::move(event).error();
    result = run.run_http({invocation, std::move(event->variables), event->body, {}, nullptr});
  }
  run.run_after_hooks(invocation, result);
  return result;
}

}  // namespace phork::sapi
