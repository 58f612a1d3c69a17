// SPDX-License-Identifier: MIT
#include "cli/request.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "emulator/event/event.h"
#include "emulator/gateway/payload.h"
#include "emulator/http/message.h"

namespace phork::cli {
namespace {

using base::Result;

bool is_visible(char c) {
  return c > ' ' && c <= '~';
}

base::Status read_line(const std::string& line, emulator::HttpRequest& request) {
  const std::size_t blank = line.find(' ');
  request.method = line.substr(0, blank);
  request.target = blank == std::string::npos ? "" : line.substr(blank + 1);
  const bool upper =
      std::ranges::all_of(request.method, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!request.method.empty() && upper && request.target.starts_with('/') &&
      std::ranges::all_of(request.target, is_visible)) {
    return base::ok_status();
  }
  return invalid("read request", line, "expected a method and a path, such as 'GET /a'");
}

void add_header(emulator::HttpRequest& request, std::string sent_name, event::NameValue header) {
  request.sent_names.push_back(std::move(sent_name));
  request.headers.push_back(std::move(header));
}

// No message shows a header, which may hold a secret.
base::Status read_headers(const std::vector<std::string>& lines, emulator::HttpRequest& request) {
  for (const std::string& line : lines) {
    auto header = emulator::parse_header_line(line);
    if (!header) {
      return invalid("read header", line.substr(0, line.find(':')),
                     "expected 'Name: value', such as 'Accept: text/html'");
    }
    add_header(request, line.substr(0, line.find(':')), std::move(*header));
  }
  if (request.header("host").empty()) add_header(request, "Host", {"host", "127.0.0.1"});
  return base::ok_status();
}

Result<std::string> read_data(const std::string& data) {
  if (!data.starts_with('@')) return data;
  const std::string file = data.substr(1);
  std::string body;
  if (file == "-") {
    body.assign(std::istreambuf_iterator<char>(std::cin), {});
    return body;
  }
  std::ifstream stream(file, std::ios::binary);
  // Opening a directory succeeds, and reading it does not.
  if (!stream || stream.peek() == std::ifstream::traits_type::eof()) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
      return invalid("read data", file, "expected a file that can be read");
    }
  }
  body.assign(std::istreambuf_iterator<char>(stream), {});
  return body;
}

}  // namespace

Result<std::string> request_event(const RequestText& text) {
  constexpr std::uint16_t kPort = 80;
  emulator::HttpRequest request;
  request.remote_address = "127.0.0.1";
  if (base::Status read = read_line(text.line, request); !read) return read.error();
  if (base::Status read = read_headers(text.headers, request); !read) return read.error();
  if (text.data) {
    Result<std::string> body = read_data(*text.data);
    if (!body) return body.error();
    request.body = std::move(body).value();
    if (request.header("content-type").empty()) {
      add_header(request, "Content-Type", {"content-type", "application/x-www-form-urlencoded"});
    }
    add_header(request, "Content-Length", {"content-length", std::to_string(request.body.size())});
  }
  const emulator::GatewayContext context{emulator::make_uuid(), emulator::make_trace_id(), kPort,
                                         std::chrono::system_clock::now()};
  return emulator::find_payload("v2")->make_event(request, context);
}

}  // namespace phork::cli
