// SPDX-License-Identifier: MIT
#include "cli/event_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include <simdjson.h>

#include "cli/exit_code.h"
#include "emulator/event/event.h"
#include "emulator/gateway/payload.h"

namespace phork::cli {

using base::Result;

Result<std::string> read_event_file(const std::string& file) {
  std::string event;
  if (file == "-") {
    event.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    // A folder opens like a file; only reading it fails, and with an exception.
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
      return invalid("read event", file, "expected a file");
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
      return invalid("read event", file, std::strerror(errno));
    }
    event.assign(std::istreambuf_iterator<char>(stream), {});
  }
  simdjson::dom::parser parser;
  if (const auto error = parser.parse(event).error()) {
    return invalid("read event", file,
                   std::string("expected JSON: ") + simdjson::error_message(error));
  }
  return event;
}

Result<std::string> request_event(const std::string& line) {
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  const std::size_t blank = line.find(' ');
  const std::string method = line.substr(0, blank);
  const std::string target = blank == std::string::npos ? "" : line.substr(blank + 1);
  const bool upper = std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (method.empty() || !upper || !target.starts_with('/') ||
      !std::ranges::all_of(target, is_visible)) {
    return invalid("read request", line, "expected a method and a path, as in 'GET /a'");
  }
  constexpr std::uint16_t kPort = 80;
  emulator::HttpRequest request;
  request.method = method;
  request.target = target;
  request.headers = {{"host", "127.0.0.1"}};
  request.sent_names = {"Host"};
  request.remote_address = "127.0.0.1";
  const emulator::GatewayContext context{emulator::make_uuid(), emulator::make_trace_id(), kPort,
                                         std::chrono::system_clock::now()};
  return emulator::find_payload("v2")->make_event(request, context);
}

}  // namespace phork::cli
