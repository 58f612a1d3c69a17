// SPDX-License-Identifier: MIT
//
// One accepted connection. Its own thread reads requests; the reply to the last request may be sent
// by any thread, at once or later, but by one at a time and only until HttpHandler::closed returns.
// A reply is one sendmsg, so that neither Nagle's algorithm nor a delayed ACK can hold half of it.
// A lost peer is not an error: reading ends and sending returns false.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "emulator/http_message.h"
#include "runtime/base/fd.h"

namespace phork::emulator {

// Heads of requests are kept up to the limit of Lambda's own servers.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{1} << 20;

class HttpConnection;

// What a server does with requests. Called on the connections' threads, several at a time.
class HttpHandler {
 public:
  HttpHandler() = default;
  HttpHandler(const HttpHandler&) = delete;
  HttpHandler& operator=(const HttpHandler&) = delete;
  HttpHandler(HttpHandler&&) = delete;
  HttpHandler& operator=(HttpHandler&&) = delete;
  virtual ~HttpHandler() = default;

  // The most bytes of body that are kept for a request with this head; more are read and dropped.
  virtual std::size_t body_limit(const HttpRequest& head) const = 0;
  // Answers with connection.send(), now or later.
  virtual void handle(HttpRequest request, HttpConnection& connection) = 0;

  // The connection is about to go: nothing may be sent on it any more.
  virtual void closed(HttpConnection& /*connection*/) {}
};

class HttpConnection {
 public:
  HttpConnection(base::Fd socket, std::string remote_address);

  // Reads requests and hands them to `handler` until either side closes.
  void serve(HttpHandler& handler);
  // False when the peer is gone. Exactly one call for each request handled.
  bool send(const HttpReply& reply);
  // Ends reading and sending; from any thread.
  void shut_down();

 private:
  bool fill();
  bool read_head(HttpRequest& request);
  void remember(const HttpRequest& request);
  void refuse(int status, std::string_view error_type);
  bool read_body(HttpRequest& request, std::size_t limit);
  bool read_sized(HttpRequest& request, std::size_t length, std::size_t limit);
  bool read_chunked(HttpRequest& request, std::size_t limit);
  bool read_trailers(HttpRequest& request);
  bool read_line(std::string& line);

  base::Fd socket_;
  std::string remote_address_;
  std::string buffer_;  // received and not yet consumed, from `consumed_` on
  std::size_t consumed_ = 0;

  std::mutex
      reply_mutex_;  // guards what follows, against clients that send before they were answered
  HttpRequest answering_;  // head of the request that the next reply belongs to
};

}  // namespace phork::emulator
