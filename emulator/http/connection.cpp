// SPDX-License-Identifier: MIT
#include "emulator/http/connection.h"

#include <algorithm>
#include <exception>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>
#include <variant>

#include "emulator/http/request_head.h"
#include "runtime/base/json_writer.h"
#include "runtime/base/socket_io.h"
#include "runtime/base/text.h"

namespace phork::emulator {

namespace {

using std::chrono::steady_clock;

// How long a refused client may still send, so that it reads the refusal instead of a RST.
constexpr std::chrono::milliseconds kLingerTime{500};
// The same where the thread is needed for the next connection.
constexpr std::chrono::milliseconds kTurnAwayTime{10};

constexpr std::size_t kFilePieceBytes = std::size_t{1} << 18;

constexpr std::int64_t kMillisecondsPerSecond = 1000;
constexpr std::int64_t kMicrosecondsPerMillisecond = 1000;

base::Deadline deadline_after(std::chrono::milliseconds time) {
  return time.count() == 0 ? base::kNoDeadline : steady_clock::now() + time;
}

}  // namespace

HttpConnection::HttpConnection(base::Fd socket, std::string remote_address,
                               const HttpTimeouts& timeouts)
    : socket_(std::move(socket)),
      remote_address_(std::move(remote_address)),
      timeouts_(timeouts),
      input_(socket_.get()) {
  if (timeouts_.send.count() == 0) return;
  const timeval limit{
      timeouts_.send.count() / kMillisecondsPerSecond,
      timeouts_.send.count() % kMillisecondsPerSecond * kMicrosecondsPerMillisecond};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void HttpConnection::serve(HttpHandler& handler) {
  bool admitted = false;
  while (true) {
    HttpRequest request;
    if (!read_head(request)) break;
    admitted = admitted || handler.admits(*this);
    if (!admitted) {
      refuse(403, "Forbidden");
      break;
    }
    request.remote_address = remote_address_;
    if (!request.http_1_0 && base::lower_case(request.header("expect")) == "100-continue" &&
        !send_bytes("HTTP/1.1 100 Continue\r\n\r\n", {})) {
      break;
    }
    if (!serve_request(handler, std::move(request))) break;
  }
  handler.closed(*this);
}

// True if another request may follow. An exception, such as that there is no memory, costs the
// request and not the program.
bool HttpConnection::serve_request(HttpHandler& handler, HttpRequest request) {
  try {
    return take_request(handler, std::move(request));
  } catch (const std::exception&) {
    const bool replied = [this] {
      const std::lock_guard lock(reply_mutex_);
      return replied_;
    }();
    if (!replied) refuse(500, "Internal Server Error");
    return false;
  }
}

bool HttpConnection::take_request(HttpHandler& handler, HttpRequest request) {
  remember(request);
  const bool keep = request.keep_alive();
  if (handler.opens(request)) {
    HttpBody body(input_, request);
    handler.handle_open(request, body, *this);
    return keep && body.complete();
  }
  if (timeouts_.body.count() > 0) input_.set_pace(timeouts_.body, kLowestBytesPerSecond);
  HttpBody body(input_, request);
  keep_body(body, handler.body_limit(request), request);
  if (refuse_body(body)) return false;
  const bool body_arrived = body.complete();
  if (!body_arrived) close_after_reply();
  input_.set_deadline(base::kNoDeadline);
  // "OPTIONS *" asks the server itself. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7
  if (request.target == "*") {
    send({204, {}, {}});
  } else {
    handler.handle(std::move(request), *this);
  }
  if (!keep || !body_arrived) return wait_for_reply();
  const std::lock_guard lock(reply_mutex_);
  return framing_ != BodyFraming::kClose;
}

// True if the body took too long, or has too many trailers. The handler gets all other requests,
// even those whose body was cut off.
bool HttpConnection::refuse_body(const HttpBody& body) {
  if (body.complete()) return false;
  if (body.trailers_too_long()) {
    refuse(431, "Request Header Fields Too Large");
    return true;
  }
  const auto& failure = input_.failure();
  if (!failure || failure->kind != base::ErrorKind::kTimeout) return false;
  refuse(408, "Request Timeout");
  return true;
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

std::optional<steady_clock::time_point> HttpConnection::idle_since() const {
  if (stage_ != Stage::kIdle) return std::nullopt;
  return idle_since_;
}

bool HttpConnection::evict() {
  Stage expected = Stage::kIdle;
  if (!stage_.compare_exchange_strong(expected, Stage::kEvicted)) return false;
  stop_reading();
  return true;
}

// The head of the reply says that no other request is read.
void HttpConnection::close_after_reply() {
  const std::lock_guard lock(reply_mutex_);
  answering_.headers = {{"connection", "close"}};
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
  const bool sent = send_bytes(write_reply_head(reply, answering_),
                               with_body ? std::string_view(reply.body) : std::string_view());
  replied_ = true;
  if (ends_with_reply_) shut_down();
  return sent;
}

bool HttpConnection::send_file(const HttpReply& head, int file, std::uint64_t offset,
                               std::uint64_t length) {
  const std::lock_guard lock(reply_mutex_);
  const bool with_body = sends_body(head.status, answering_.method);
  const bool sent =
      send_file_bytes(write_reply_head(head, answering_), file, offset, with_body ? length : 0);
  replied_ = true;
  if (!sent || ends_with_reply_) shut_down();
  return sent;
}

// Piece by piece, so that a large file takes no memory. The first one leaves with the head.
bool HttpConnection::send_file_bytes(std::string head, int file, std::uint64_t offset,
                                     std::uint64_t length) {
  std::string piece;
  do {
    piece.resize(std::min<std::uint64_t>(length, kFilePieceBytes));
    const ssize_t count =
        piece.empty() ? 0 : ::pread(file, piece.data(), piece.size(), static_cast<off_t>(offset));
    if (count < 0 || (count == 0 && length > 0)) return false;
    piece.resize(static_cast<std::size_t>(count));
    if (!send_bytes(std::exchange(head, {}), piece)) return false;
    offset += piece.size();
    length -= piece.size();
  } while (length > 0);
  return true;
}

bool HttpConnection::begin(const HttpReply& reply) {
  const std::lock_guard lock(reply_mutex_);
  framing_ = open_framing(reply.status, answering_);
  frame_ = write_open_reply_head(reply, answering_);
  append_part(frame_, framing_, reply.body);
  replied_ = true;
  return send_bytes(frame_, {});
}

bool HttpConnection::send_part(std::string_view bytes) {
  const std::lock_guard lock(reply_mutex_);
  frame_.clear();
  append_part(frame_, framing_, bytes);
  return send_bytes(frame_, {});
}

bool HttpConnection::finish() {
  const std::lock_guard lock(reply_mutex_);
  frame_ = framing_ == BodyFraming::kChunked ? kLastChunk : std::string_view();
  return send_bytes(frame_, {});
}

// The socket's own timeout ends a send during which the client takes nothing.
bool HttpConnection::send_bytes(std::string_view head, std::string_view body) {
  return base::send_all(socket_.get(), head, body, base::Deadline::min()).ok();
}

TcpEnds HttpConnection::ends() const {
  TcpEnds ends;
  socklen_t size = sizeof ends.own;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&ends.own), &size);
  size = sizeof ends.peer;
  ::getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&ends.peer), &size);
  return ends;
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
  idle_since_ = steady_clock::now();
  stage_ = Stage::kIdle;
  input_.set_deadline(deadline_after(timeouts_.idle));
  if (!input_.wait_for_byte()) return false;
  input_.set_deadline(deadline_after(timeouts_.head));
  const std::optional<std::string_view> head = input_.take_head();
  Stage expected = Stage::kIdle;
  if (!stage_.compare_exchange_strong(expected, Stage::kBusy)) {
    refuse(503, "Service Unavailable");
    return false;
  }
  input_.set_deadline(base::kNoDeadline);
  if (!head) {
    refuse_head();
    return false;
  }
  HeadOrRefusal parsed = parse_request_head(*head);
  if (const HeadRefusal* refusal = std::get_if<HeadRefusal>(&parsed)) {
    refuse(refusal->status, refusal->reason);
    return false;
  }
  request = std::get<HttpRequest>(std::move(parsed));
  return true;
}

// Replies to a head that did not end as it should.
void HttpConnection::refuse_head() {
  const auto& failure = input_.failure();
  if (input_.too_long()) {
    refuse(431, "Request Header Fields Too Large");
  } else if (!failure) {
    refuse(400, "expected lines that end with CRLF");
  } else if (failure->kind == base::ErrorKind::kTimeout) {
    refuse(408, "Request Timeout");
  } else if (failure->kind == base::ErrorKind::kDisconnected && input_.has_bytes()) {
    refuse(400, "the head of the request was cut off");
  }
}

void HttpConnection::turn_away() {
  send_last(503, "Service Unavailable");
  drain_for(kTurnAwayTime);
}

// Replies to bytes that are not a request, or too many, and ends the connection.
void HttpConnection::refuse(int status, std::string_view reason) {
  send_last(status, reason);
  drain_for(kLingerTime);
}

void HttpConnection::send_last(int status, std::string_view reason) {
  base::JsonWriter json;
  json.begin_object().field("message", reason).end_object();
  HttpRequest unreadable;
  unreadable.headers = {{"connection", "close"}};
  remember(unreadable);
  send({status, {{"content-type", "application/json"}}, std::move(json).text()});
  ::shutdown(socket_.get(), SHUT_WR);
}

// Closing a socket with bytes that nobody has read sends a RST, which can overtake the reply.
void HttpConnection::drain_for(std::chrono::milliseconds time) {
  const base::Deadline until = steady_clock::now() + time;
  input_.set_deadline(until);
  while (steady_clock::now() < until && input_.take_some(kMaxHeadBytes)) {
  }
}

}  // namespace phork::emulator
