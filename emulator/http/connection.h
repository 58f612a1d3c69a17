// SPDX-License-Identifier: MIT
//
// One accepted connection, and the interfaces of those who answer requests. The connection's own
// thread reads requests. Any thread may send the reply to the last request, at once or later, but
// only one at a time and only until HttpHandler::closed returns.
// A reply is one sendmsg, so that neither Nagle's algorithm nor a delayed ACK can hold half of it;
// a reply of unknown length is one sendmsg per part. A lost peer is not an error: reading ends and
// sending returns false.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "emulator/http/message.h"
#include "emulator/http/reader.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class HttpConnection;

// Handles the requests of a server. Called on the connections' threads, several at a time.
class HttpHandler : private base::Pinned {
 public:
  HttpHandler() = default;
  virtual ~HttpHandler() = default;

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
  HttpConnection(base::Fd socket, std::string remote_address);

  // Reads requests and hands them to `handler` until either side closes.
  void serve(HttpHandler& handler);
  // Exactly one reply for each request: either send(), or begin(), send_part() and finish(). All of
  // them return false when the peer is gone.
  bool send(const HttpReply& reply);
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
  bool read_head(HttpRequest& request);
  bool take_request(HttpHandler& handler, HttpRequest request);
  bool wait_for_reply();
  void remember(const HttpRequest& request);
  void refuse(int status, std::string_view error_type);
  bool send_framed();

  base::Fd socket_;
  std::string remote_address_;
  HttpInput input_;

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
