// SPDX-License-Identifier: MIT
#include "bench/subjects/http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include "emulator/http/message.h"
#include "runtime/base/socket_io.h"
#include "runtime/http/header.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr timeval kTimeout{30, 0};
constexpr std::array<std::string_view, 5> kOfTheConnection = {
    "connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"};

Error misfit(const std::string& what) {
  return {ErrorKind::kInvalid, "bench: read reply of the web server: " + what};
}

bool has_header(const http::Request& request, std::string_view name) {
  return std::ranges::find(request.headers, name, &event::NameValue::name) != request.headers.end();
}

bool is_sent_with_length(const http::Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

}  // namespace

std::string request_text(const http::Request& request) {
  std::string text = request.method + ' ' + request.path;
  if (!request.query_string.empty()) text.append("?").append(request.query_string);
  text.append(" HTTP/1.1\r\n");
  if (!has_header(request, "host")) text.append("host: localhost\r\n");
  for (const auto& [name, value] : request.headers) {
    if (std::ranges::find(kOfTheConnection, name) != kOfTheConnection.end()) continue;
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (is_sent_with_length(request)) {
    text.append("content-length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  return text.append("\r\n").append(request.body);
}

Result<Answer> HttpClient::call(std::string_view request, bool head_only) {
  if (!socket_.valid()) {
    if (Status connected = connect(); !connected) return connected.error();
  }
  if (Status sent = base::send_all(socket_.get(), request, {}); !sent) return sent.error();
  Result<Answer> answer = read_reply(head_only);
  if (!answer) socket_.reset();
  return answer;
}

Status HttpClient::connect() {
  buffer_.clear();
  position_ = 0;
  socket_ =
      base::Fd(base::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "bench: make socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  base::check(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout)),
              "bench: limit the time of a socket");
  base::check(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)),
              "bench: send at once");
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket_.get(), generic, sizeof(address)) == 0) return base::ok_status();
  const int code = errno;
  socket_.reset();
  return base::system_error("bench: connect to port " + std::to_string(port_), code);
}

Result<Answer> HttpClient::read_reply(bool head_only) {
  Result<Head> head = read_head();
  if (!head) return head.error();
  Answer answer{head->status, {}};
  if (!emulator::sends_body(head->status, head_only ? "HEAD" : "GET")) {
    // has none
  } else if (head->chunked) {
    if (Status read = read_chunks(answer.body); !read) return read.error();
  } else if (head->has_length) {
    Result<std::string> body = read_bytes(head->length);
    if (!body) return body.error();
    answer.body = std::move(body).value();
  } else {
    head->close = true;
    Status more = base::ok_status();
    while (more) more = read_more();
    if (more.error().kind != ErrorKind::kDisconnected) return more.error();
    answer.body = buffer_.substr(position_);
  }
  if (head->close) {
    socket_.reset();
  } else {
    buffer_.erase(0, std::exchange(position_, 0));
  }
  return answer;
}

Result<HttpClient::Head> HttpClient::read_head() {
  Head head;
  Result<std::string> line = read_line();
  if (!line) return line.error();
  // "HTTP/1.1 200 OK"
  constexpr std::size_t kStatusAt = 9;
  constexpr std::size_t kStatusEnd = 12;
  if (!line->starts_with("HTTP/1.") || line->size() < kStatusEnd) {
    return misfit("expected a status line");
  }
  std::from_chars(line->data() + kStatusAt, line->data() + kStatusEnd, head.status);
  head.close = line->starts_with("HTTP/1.0");
  for (line = read_line(); line && !line->empty(); line = read_line()) {
    const auto header = emulator::parse_header_line(line.value());
    if (!header) return misfit("expected a header line");
    if (header->name == "content-length") {
      const auto length = emulator::parse_length(header->value);
      if (!length) return misfit("expected a number as Content-Length");
      head.length = *length;
      head.has_length = true;
    }
    if (header->name == "transfer-encoding") head.chunked = true;
    if (header->name == "connection") head.close = http::lower_case(header->value) == "close";
  }
  if (!line) return line.error();
  return head;
}

Status HttpClient::read_chunks(std::string& body) {
  while (true) {
    Result<std::string> line = read_line();
    if (!line) return line.error();
    const auto size = emulator::parse_length(line->substr(0, line->find(';')), 16);
    if (!size) return misfit("expected the size of a chunk");
    if (*size == 0) break;
    Result<std::string> part = read_bytes(*size);
    if (!part) return part.error();
    body += part.value();
    if (Result<std::string> end = read_line(); !end) return end.error();
  }
  // Trailers, of which nothing is wanted.
  while (true) {
    Result<std::string> line = read_line();
    if (!line) return line.error();
    if (line->empty()) return base::ok_status();
  }
}

// Up to and without CR LF.
Result<std::string> HttpClient::read_line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n", position_)) == std::string::npos) {
    if (Status more = read_more(); !more) return more.error();
  }
  std::string line = buffer_.substr(position_, end - position_);
  position_ = end + 2;
  return line;
}

Result<std::string> HttpClient::read_bytes(std::size_t count) {
  while (buffer_.size() - position_ < count) {
    if (Status more = read_more(); !more) return more.error();
  }
  std::string bytes = buffer_.substr(position_, count);
  position_ += count;
  return bytes;
}

Status HttpClient::read_more() {
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kReadBytes);
  const auto got = base::receive_some(socket_.get(), buffer_.data() + size, kReadBytes);
  buffer_.resize(size + (got ? got.value() : 0));
  if (!got) return got.error();
  return base::ok_status();
}

}  // namespace phork::bench
