// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "emulator/event/event.h"
#include "emulator/event/json_text.h"
#include "emulator/gateway/payload.h"

namespace phork::cli {

using base::Error;
using base::ErrorKind;
using base::Result;

ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kStopped:
      return kOk;
    case ErrorKind::kRefused:
      return kFailed;
    case ErrorKind::kInvalid:
      return kUsedWrongly;
    default:
      return kSystemFailed;
  }
}

Error invalid(const std::string& what, const std::string& object, const std::string& reason) {
  return {ErrorKind::kInvalid, "cli: " + what + " '" + object + "': " + reason};
}

Result<std::string> read_event_file(const std::string& file) {
  std::string event;
  if (file == "-") {
    event.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    // Opening a directory succeeds, but reading it throws.
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
      return invalid("read event", file, "expected a file, got a directory");
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
      return invalid("read event", file, std::strerror(errno));
    }
    event.assign(std::istreambuf_iterator<char>(stream), {});
  }
  if (const std::string fault = emulator::json_fault(event); !fault.empty()) {
    return invalid("read event", file, "expected JSON: " + fault);
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
    return invalid("read request", line, "expected a method and a path, such as 'GET /a'");
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

base::Status write_output_file(std::string_view what, const std::string& path,
                               std::string_view text) {
  if (path.empty()) return base::ok_status();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return base::ok_status();
  return Error{ErrorKind::kSystem,
               "cli: write " + std::string(what) + " '" + path +
                   "': expected a file that can be written: " + std::strerror(errno)};
}

}  // namespace phork::cli
