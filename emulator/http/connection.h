// SPDX-License-Identifier: MIT
//
// One accepted connection. Its own thread reads requests; the reply to the last request may be sent
// by any thread, at once or later, but by one at a time and only until HttpHandler::closed returns.
// A reply is one sendmsg, so that neither Nagle's algorithm nor a delayed ACK can hold half of it;
// one whose length nobody knows yet is a sendmsg for each part.
// A lost peer is not an error: reading ends and sending returns false.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "emulator/http/body.h"
#include "emulator/http/input.h"
#include "emulator/http/message.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class HttpConnection;

// What a server does with requests. Called on the connections' threads, several at a time.
class HttpHandler : private base::Pinned {
 public:
  HttpHandler() = default;
  virtual ~HttpHandler() = default;

  // The most bytes of body that are kept for a request with this head; more are read and dropped.
  virtual std::size_t body_limit(const HttpRequest& head) const = 0;
  // Answers with connection.send(), now or later.
  virtual void handle(HttpRequest request, HttpConnection& connection) = 0;

  // Whether handle_open() takes requests with this head, before their body has come.
  virtual bool opens(const HttpRequest& /*head*/) const { return false; }

  // Reads `body` itself and answers before it returns. What it leaves unread ends the connection.
  virtual void handle_open(const HttpRequest& /*head*/, HttpBody& /*body*/,
                           HttpConnection& /*connection*/) {}

  // The connection is about to go: nothing may be sent on it any more.
  virtual void closed(HttpConnection& /*connection*/) {}
};

class HttpConnection {
 public:
  HttpConnection(base::Fd socket, std::string remote_address);

  // Reads requests and hands them to `handler` until either side closes.
  void serve(HttpHandler& handler);
  // False when the peer is gone, as from all that send. Exactly one reply for each request handled:
  // this, or what follows.
  bool send(const HttpReply& reply);
  // The head of a reply without a length, and `reply.body` as the first part of its body; then
  // more parts; then its end. Shutting down instead tells the peer that the reply is incomplete.
  bool begin(const HttpReply& reply);
  bool send_part(std::string_view bytes);
  bool finish();
  // Makes reading end, while the peer still knows nothing of it; from any thread.
  void stop_reading();
  // Ends reading and sending; from any thread.
  void shut_down();
  // The next reply is not sent: the connection ends in its place.
  void lose_reply();
  // Ends the connection with a RST. For a handler that will not answer.
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

  std::mutex
      reply_mutex_;  // guards what follows, against clients that send before they were answered
  HttpRequest answering_;                     // head of the request that the next reply belongs to
  BodyFraming framing_ = BodyFraming::kNone;  // of the reply that has begun
  std::string frame_;
  bool replied_ = false;
  bool loses_reply_ = false;
  bool ends_with_reply_ = false;
};

}  // namespace phork::emulator
