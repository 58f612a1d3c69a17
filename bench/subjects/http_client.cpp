// SPDX-License-Identifier: MIT
#include "bench/subjects/http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "emulator/http/reader.h"
#include "runtime/base/socket_io.h"
#include "runtime/base/text.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr timeval kReceiveTimeout{30, 0};
constexpr std::array<std::string_view, 5> kConnectionHeaders = {
    "connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"};

Error unreadable(const std::string& reason, ErrorKind kind = ErrorKind::kInvalid) {
  return {kind, "bench: read reply of the web server: " + reason};
}

// Why the input of this socket ended: no more bytes can be read from it.
Error cut_off(int socket) {
  char byte = 0;
  if (::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1 && errno == EAGAIN) {
    return unreadable("nothing within 30 s", ErrorKind::kTimeout);
  }
  return unreadable("the server closed the connection", ErrorKind::kDisconnected);
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
    if (std::ranges::find(kConnectionHeaders, name) != kConnectionHeaders.end()) continue;
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
  if (!answer) close();
  return answer;
}

Status HttpClient::connect() {
  close();
  socket_ =
      base::Fd(base::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "bench: make socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  base::check(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kReceiveTimeout,
                           sizeof(kReceiveTimeout)),
              "bench: set the receive timeout");
  base::check(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)),
              "bench: set TCP_NODELAY");
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket_.get(), generic, sizeof(address)) != 0) {
    const int code = errno;
    close();
    return base::system_error("bench: connect to port " + std::to_string(port_), code);
  }
  input_.emplace(socket_.get());
  return base::ok_status();
}

void HttpClient::close() {
  input_.reset();
  socket_.reset();
}

Result<Answer> HttpClient::read_reply(bool head_only) {
  const Result<Head> head = read_head();
  if (!head) return head.error();
  const bool until_close = !head->fields.chunked() && head->fields.header("content-length").empty();
  Result<std::string> body = std::string();
  if (emulator::sends_body(head->status, head_only ? "HEAD" : "GET")) {
    body = until_close ? read_to_close() : read_body(head.value());
    if (!body) return body.error();
    if (until_close) close();
  }
  if (!head->fields.keep_alive()) close();
  return Answer{head->status, std::move(body).value()};
}

Result<HttpClient::Head> HttpClient::read_head() {
  std::optional<std::string_view> line = input_->take_line();
  if (!line) return cut_off(socket_.get());
  // "HTTP/1.1 200 OK"
  constexpr std::size_t kStatusAt = 9;
  constexpr std::size_t kStatusEnd = 12;
  Head head;
  if (!line->starts_with("HTTP/1.") || line->size() < kStatusEnd) {
    return unreadable("expected a status line");
  }
  head.status = base::parse_number<int>(
                    std::string_view(line.value()).substr(kStatusAt, kStatusEnd - kStatusAt))
                    .value_or(0);
  head.fields.http_1_0 = line->starts_with("HTTP/1.0");
  for (line = input_->take_line(); line && !line->empty(); line = input_->take_line()) {
    auto header = emulator::parse_header_line(*line);
    if (!header) return unreadable("expected a header line");
    head.fields.headers.push_back(std::move(*header));
  }
  if (!line) return cut_off(socket_.get());
  return head;
}

Result<std::string> HttpClient::read_body(const Head& head) {
  std::string bytes;
  emulator::HttpBody body(*input_, head.fields);
  while (const auto part = body.next()) bytes.append(*part);
  if (!body.complete()) {
    return unreadable("expected a body of the stated length or a last chunk, got " +
                      std::to_string(bytes.size()) + " bytes");
  }
  return bytes;
}

Result<std::string> HttpClient::read_to_close() {
  std::string bytes;
  while (const auto part = input_->take_some(kReadBytes)) bytes.append(*part);
  const Error ended = cut_off(socket_.get());
  if (ended.kind != ErrorKind::kDisconnected) return ended;
  return bytes;
}

}  // namespace phork::bench
