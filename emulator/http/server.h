// SPDX-License-Identifier: MIT
//
// An HTTP/1.x server on 127.0.0.1, for the Runtime API and for the gateway. One thread per open
// connection: each thread accepts its own connection and serves it to its end, so no request waits
// for another thread to wake. A thread that accepts a connection while no other waits in accept()
// starts the next one. Sockets are created close-on-exec, so that runtimes started at the same time
// do not inherit them.
#pragma once

#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "emulator/http/connection.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class HttpServer : private base::Pinned {
 public:
  // `handler` outlives the server.
  explicit HttpServer(HttpHandler& handler) : handler_(handler) {}

  ~HttpServer() { stop(); }

  // Listens on `port`; 0 means any free port. A port in use is ErrorKind::kRefused.
  base::Status start(std::uint16_t port);
  // Closes every connection and waits for the threads. The caller must first end everything that a
  // handler waits for.
  void stop();
  // Ends all connections that are open now.
  void drop_connections();

  std::uint16_t port() const { return port_; }

 private:
  void accept_connections();
  void serve(base::Fd socket);
  bool take_place();
  void add_thread();

  HttpHandler& handler_;
  base::Fd listener_;
  std::uint16_t port_ = 0;

  std::mutex mutex_;  // guards what follows
  std::vector<std::thread> threads_;
  std::vector<HttpConnection*> open_;
  unsigned waiting_ = 0;  // threads in accept
  bool stopping_ = false;
};

}  // namespace phork::emulator
