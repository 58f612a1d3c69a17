// SPDX-License-Identifier: MIT
#include "emulator/http/connection.h"

#include <sys/socket.h>
#include <utility>

#include "runtime/base/socket_io.h"
#include "runtime/base/text.h"

namespace phork::emulator {

HttpConnection::HttpConnection(base::Fd socket, std::string remote_address)
    : socket_(std::move(socket)),
      remote_address_(std::move(remote_address)),
      input_(socket_.get()) {}

void HttpConnection::serve(HttpHandler& handler) {
  while (true) {
    HttpRequest request;
    if (!read_head(request)) break;
    request.remote_address = remote_address_;
    if (base::lower_case(request.header("expect")) == "100-continue" &&
        !base::send_all(socket_.get(), "HTTP/1.1 100 Continue\r\n\r\n", {})) {
      break;
    }
    if (!take_request(handler, std::move(request))) break;
  }
  handler.closed(*this);
}

// True if another request may follow.
bool HttpConnection::take_request(HttpHandler& handler, HttpRequest request) {
  remember(request);
  const bool keep = request.keep_alive();
  if (handler.opens(request)) {
    HttpBody body(input_, request);
    handler.handle_open(request, body, *this);
    return keep && body.complete();
  }
  HttpBody body(input_, request);
  keep_body(body, handler.body_limit(request), request);
  const bool body_arrived = body.complete();
  handler.handle(std::move(request), *this);
  if (!keep || !body_arrived) return wait_for_reply();
  const std::lock_guard lock(reply_mutex_);
  return framing_ != BodyFraming::kClose;
}

// After the last request of a connection: another thread may still have to send the reply, so keep
// the connection open until it has. Always false, as no other request follows.
bool HttpConnection::wait_for_reply() {
  {
    const std::lock_guard lock(reply_mutex_);
    if (replied_) return false;
    ends_with_reply_ = true;
  }
  while (input_.take_some(kMaxHeadBytes)) {
  }
  return false;
}

// Keeps the parts of the request that decide the form of the reply.
void HttpConnection::remember(const HttpRequest& request) {
  const std::lock_guard lock(reply_mutex_);
  framing_ = BodyFraming::kNone;
  replied_ = false;
  answering_.method = request.method;
  answering_.http_1_0 = request.http_1_0;
  answering_.headers.clear();
  const std::string_view connection = request.header("connection");
  if (!connection.empty()) answering_.headers.push_back({"connection", std::string(connection)});
}

bool HttpConnection::send(const HttpReply& reply) {
  const std::lock_guard lock(reply_mutex_);
  if (loses_reply_) {
    shut_down();
    return false;
  }
  const bool with_body = sends_body(reply.status, answering_.method);
  const bool sent = base::send_all(socket_.get(), write_reply_head(reply, answering_),
                                   with_body ? std::string_view(reply.body) : std::string_view())
                        .ok();
  replied_ = true;
  if (ends_with_reply_) shut_down();
  return sent;
}

bool HttpConnection::begin(const HttpReply& reply) {
  const std::lock_guard lock(reply_mutex_);
  framing_ = open_framing(reply.status, answering_);
  frame_ = write_open_reply_head(reply, answering_);
  append_part(frame_, framing_, reply.body);
  replied_ = true;
  return send_framed();
}

bool HttpConnection::send_part(std::string_view bytes) {
  const std::lock_guard lock(reply_mutex_);
  frame_.clear();
  append_part(frame_, framing_, bytes);
  return send_framed();
}

bool HttpConnection::finish() {
  const std::lock_guard lock(reply_mutex_);
  frame_ = framing_ == BodyFraming::kChunked ? kLastChunk : std::string_view();
  return send_framed();
}

bool HttpConnection::send_framed() {
  return base::send_all(socket_.get(), frame_, {}).ok();
}

void HttpConnection::stop_reading() {
  ::shutdown(socket_.get(), SHUT_RD);
}

void HttpConnection::shut_down() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void HttpConnection::lose_reply() {
  const std::lock_guard lock(reply_mutex_);
  loses_reply_ = true;
}

// With a linger time of zero, close() sends the RST, and serve() closes as soon as reading ends.
void HttpConnection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  stop_reading();
}

bool HttpConnection::read_head(HttpRequest& request) {
  const std::optional<std::string_view> head = input_.take_head();
  if (!head) {
    if (input_.too_long()) refuse(431, "RequestHeaderFieldsTooLarge");
    return false;
  }
  base::Result<HttpRequest> parsed = parse_request_head(*head);
  if (!parsed) {
    refuse(400, "BadRequest");
    return false;
  }
  request = std::move(parsed).value();
  return true;
}

// Replies to bytes that are not a request, and ends the connection.
void HttpConnection::refuse(int status, std::string_view error_type) {
  HttpReply reply{status, {{"content-type", "application/json"}}, {}};
  reply.body.append("{\"message\":\"").append(error_type).append("\"}");
  HttpRequest unreadable;
  unreadable.headers = {{"connection", "close"}};
  remember(unreadable);
  send(reply);
}

}  // namespace phork::emulator
