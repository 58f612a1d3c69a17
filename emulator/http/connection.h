// SPDX-License-Identifier: MIT
//
// One accepted connection, and the interfaces of those who answer requests. The connection's own
// thread reads requests, within the limits of its server. Any thread may send the reply to the last
// request, at once or later, but only one at a time and only until HttpHandler::closed returns. A
// reply is one sendmsg, so that neither Nagle's algorithm nor a delayed ACK can hold half of it; a
// reply of unknown length is one sendmsg per part. A lost peer is not an error: reading ends and
// sending returns false.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/http/limits.h"
#include "emulator/http/message.h"
#include "emulator/http/reader.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class HttpConnection;

// The addresses of a connection over IPv4.
struct TcpEnds {
  sockaddr_in own{};
  sockaddr_in peer{};
};

// Handles the requests of a server. Called on the connections' threads, several at a time.
class HttpHandler : private base::Pinned {
 public:
  HttpHandler() = default;
  virtual ~HttpHandler() = default;

  // False refuses every request of the connection. Called once, when its first head has arrived.
  virtual bool admits(const HttpConnection& /*connection*/) { return true; }

  // How many bytes of body to keep for a request with this head; a longer body is read and dropped.
  virtual std::size_t body_limit(const HttpRequest& head) const = 0;
  // Replies with connection.send(), now or later.
  virtual void handle(HttpRequest request, HttpConnection& connection) = 0;

  // True if a request with this head goes to handle_open() before its body has arrived.
  virtual bool opens(const HttpRequest& /*head*/) const { return false; }

  // Reads `body` itself and replies before it returns. Unread bytes of `body` end the connection.
  virtual void handle_open(const HttpRequest& /*head*/, HttpBody& /*body*/,
                           HttpConnection& /*connection*/) {}

  // The connection is about to be destroyed: nothing may be sent on it after this returns.
  virtual void closed(HttpConnection& /*connection*/) {}
};

class HttpConnection {
 public:
  HttpConnection(base::Fd socket, std::string remote_address, const HttpTimeouts& timeouts);

  // Reads requests and hands them to `handler` until either side closes. What `handler` throws
  // ends the connection, with a 500 if it has not replied.
  void serve(HttpHandler& handler);
  TcpEnds ends() const;

  // Since when the connection waits for a request to arrive; nullopt during a request.
  std::optional<std::chrono::steady_clock::time_point> idle_since() const;
  // Ends a connection that waits for a request, with a 503 if a part of it has arrived. False
  // during a request. From any thread.
  bool evict();
  // In place of serve(): replies that there is no room for another connection, without reading.
  void turn_away();
  // Exactly one reply for each request: send(), or send_file(), or begin(), send_part() and
  // finish(). All of them return false when the peer is gone.
  bool send(const HttpReply& reply);
  // Like send(), with `length` bytes of `file` from `offset` on as the body, whose length the
  // headers state. A file that has become shorter ends the connection, so that the peer notices.
  bool send_file(const HttpReply& head, int file, std::uint64_t offset, std::uint64_t length);
  // Sends the head of a reply without a length, and `reply.body` as the first part of its body. A
  // shut_down() in place of finish() shows the peer that the reply is incomplete.
  bool begin(const HttpReply& reply);
  bool send_part(std::string_view bytes);
  bool finish();
  // Ends reading without the peer noticing; from any thread.
  void stop_reading();
  // Ends reading and sending; from any thread.
  void shut_down();
  // The next reply is not sent; the connection ends instead.
  void lose_reply();
  // Ends the connection with a RST. For a handler that will not reply.
  void reset();

 private:
  // kEvicted: another thread has taken the place of this connection.
  enum class Stage : std::uint8_t { kIdle, kBusy, kEvicted };

  bool read_head(HttpRequest& request);
  void refuse_head();
  void refuse(int status, std::string_view reason);
  void send_last(int status, std::string_view reason);
  void drain_for(std::chrono::milliseconds time);
  bool serve_request(HttpHandler& handler, HttpRequest request);
  bool take_request(HttpHandler& handler, HttpRequest request);
  bool refuse_body(const HttpBody& body);
  bool wait_for_reply();
  void remember(const HttpRequest& request);
  void close_after_reply();
  bool send_bytes(std::string_view head, std::string_view body);
  bool send_file_bytes(std::string head, int file, std::uint64_t offset, std::uint64_t length);

  base::Fd socket_;
  std::string remote_address_;
  const HttpTimeouts timeouts_;
  HttpInput input_;
  std::atomic<Stage> stage_ = Stage::kBusy;
  std::atomic<std::chrono::steady_clock::time_point> idle_since_;

  // Guards the members below, against clients that send a request before the last one was answered.
  std::mutex reply_mutex_;
  HttpRequest answering_;                     // head of the request that the next reply answers
  BodyFraming framing_ = BodyFraming::kNone;  // of the reply that has begun
  std::string frame_;
  bool replied_ = false;
  bool loses_reply_ = false;
  bool ends_with_reply_ = false;
};

// Paths of a gateway that do not become events of the function: the Invoke API, the status page.
// Called on the connections' threads, several at a time.
class HttpRoute : private base::Pinned {
 public:
  HttpRoute() = default;
  virtual ~HttpRoute() = default;

  // True if a request with this head belongs to this route.
  virtual bool takes(const HttpRequest& head) const = 0;
  // How many bytes of body to keep; HttpRequest::body_too_large is set for a longer one.
  virtual std::size_t body_limit() const = 0;
  // Sends exactly one reply before it returns.
  virtual void handle(HttpRequest request, HttpConnection& connection) = 0;
};

}  // namespace phork::emulator
