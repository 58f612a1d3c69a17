// SPDX-License-Identifier: MIT
//
// An HTTP/1.x server on 127.0.0.1, for the Runtime API and for the HTTP front. One thread per open
// connection: each thread accepts its own connection and serves it to its end, so no request waits
// for another thread to wake; whoever takes the last waiting place starts the next thread. Sockets
// are close-on-exec from birth, which keeps them out of the runtimes that are started meanwhile.
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

  // Listens on `port`, 0 for any free one. A port in use is ErrorKind::kRefused.
  base::Status start(std::uint16_t port);
  // Closes every connection and waits for the threads. Whoever a handler waits for must have been
  // told to give up before.
  void stop();
  // Ends the connections that are open now.
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
