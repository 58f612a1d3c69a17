// SPDX-License-Identifier: MIT
#include "emulator/http_connection.h"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "runtime/base/socket_io.h"
#include "runtime/http/header.h"

namespace phork::emulator {
namespace {

constexpr std::size_t kReceiveBytes = std::size_t{64} << 10;
// A body over its limit is read to its end, so that the client hears the answer instead of a reset;
// beyond this the connection is closed on it.
constexpr std::size_t kMaxDroppedBytes = std::size_t{1} << 30;

}  // namespace

HttpConnection::HttpConnection(base::Fd socket, std::string remote_address)
    : socket_(std::move(socket)), remote_address_(std::move(remote_address)) {}

void HttpConnection::serve(HttpHandler& handler) {
  while (true) {
    HttpRequest request;
    if (!read_head(request)) break;
    request.remote_address = remote_address_;
    if (http::lower_case(request.header("expect")) == "100-continue" &&
        !base::send_all(socket_.get(), "HTTP/1.1 100 Continue\r\n\r\n", {})) {
      break;
    }
    const bool body_arrived = read_body(request, handler.body_limit(request));
    request.body_truncated = !body_arrived;
    remember(request);
    const bool keep = body_arrived && request.keep_alive();
    handler.handle(std::move(request), *this);
    if (!keep) break;
  }
  handler.closed(*this);
}

// Keeps what the form of the reply depends on.
void HttpConnection::remember(const HttpRequest& request) {
  const std::lock_guard lock(reply_mutex_);
  answering_.method = request.method;
  answering_.http_1_0 = request.http_1_0;
  answering_.headers.clear();
  const std::string_view connection = request.header("connection");
  if (!connection.empty()) answering_.headers.push_back({"connection", std::string(connection)});
}

bool HttpConnection::send(const HttpReply& reply) {
  const std::lock_guard lock(reply_mutex_);
  const bool with_body = sends_body(reply.status, answering_.method);
  return base::send_all(socket_.get(), write_reply_head(reply, answering_),
                        with_body ? std::string_view(reply.body) : std::string_view())
      .ok();
}

void HttpConnection::shut_down() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

// Receives more bytes behind those in the buffer. False when the peer has closed.
bool HttpConnection::fill() {
  buffer_.erase(0, std::exchange(consumed_, 0));
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReceiveBytes);
  ssize_t received = -1;
  do {
    received = ::recv(socket_.get(), buffer_.data() + had, kReceiveBytes, 0);
  } while (received < 0 && errno == EINTR);
  buffer_.resize(had + (received > 0 ? static_cast<std::size_t>(received) : 0));
  return received > 0;
}

bool HttpConnection::read_head(HttpRequest& request) {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n", consumed_)) == std::string::npos) {
    if (buffer_.size() - consumed_ > kMaxHeadBytes) {
      refuse(431, "RequestHeaderFieldsTooLarge");
      return false;
    }
    if (!fill()) return false;
  }
  const std::string_view head = std::string_view(buffer_).substr(consumed_, end + 4 - consumed_);
  base::Result<HttpRequest> parsed = parse_request_head(head);
  if (!parsed) {
    refuse(400, "BadRequest");
    return false;
  }
  request = std::move(parsed).value();
  consumed_ = end + 4;
  return true;
}

// Answers what could not be read as a request; the connection ends with it.
void HttpConnection::refuse(int status, std::string_view error_type) {
  HttpReply reply{status, {{"content-type", "application/json"}}, {}};
  reply.body.append("{\"message\":\"").append(error_type).append("\"}");
  HttpRequest unreadable;
  unreadable.headers = {{"connection", "close"}};
  remember(unreadable);
  send(reply);
}

// False when the client closed or broke the framing before the end of the body.
bool HttpConnection::read_body(HttpRequest& request, std::size_t limit) {
  if (request.chunked()) return read_chunked(request, limit);
  const std::string_view length = request.header("content-length");
  if (length.empty()) return true;
  const std::optional<std::size_t> bytes = parse_length(length);
  return bytes && read_sized(request, *bytes, limit);
}

// Appends `length` bytes to the body, or drops them where the body would pass `limit`.
bool HttpConnection::read_sized(HttpRequest& request, std::size_t length, std::size_t limit) {
  if (request.body.size() + length > limit) {
    request.body_too_large = true;
    request.body.clear();
    if (length > kMaxDroppedBytes) return false;
  }
  std::size_t left = length;
  while (left > 0) {
    if (consumed_ == buffer_.size() && !fill()) return false;
    const std::size_t step = std::min(left, buffer_.size() - consumed_);
    if (!request.body_too_large) request.body.append(buffer_, consumed_, step);
    consumed_ += step;
    left -= step;
  }
  return true;
}

bool HttpConnection::read_chunked(HttpRequest& request, std::size_t limit) {
  std::size_t total = 0;
  std::string line;
  while (read_line(line)) {
    const std::optional<std::size_t> length = parse_length(line.substr(0, line.find(';')), 16);
    if (!length) return false;
    if (*length == 0) return read_trailers(request);
    if (*length > kMaxDroppedBytes || (total += *length) > kMaxDroppedBytes) return false;
    if (!read_sized(request, *length, limit) || !read_line(line) || !line.empty()) return false;
  }
  return false;
}

bool HttpConnection::read_trailers(HttpRequest& request) {
  std::string line;
  while (read_line(line)) {
    if (line.empty()) return true;
    if (auto trailer = parse_header_line(line)) request.trailers.push_back(std::move(*trailer));
  }
  return false;
}

bool HttpConnection::read_line(std::string& line) {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n", consumed_)) == std::string::npos) {
    if (buffer_.size() - consumed_ > kMaxHeadBytes || !fill()) return false;
  }
  line = buffer_.substr(consumed_, end - consumed_);
  consumed_ = end + 2;
  return true;
}

}  // namespace phork::emulator
