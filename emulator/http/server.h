// SPDX-License-Identifier: MIT
//
// An HTTP/1.x server on 127.0.0.1, for the Runtime API and for the gateway. One thread per open
// connection: each thread accepts its own connection and serves it to its end, so no request waits
// for another thread to wake. A thread that accepts a connection while no other waits in accept()
// starts the next one. Where there may be no more threads, or the machine has none, the connection
// that has waited longest for a request to arrive gives up its thread; without one, the new
// connection gets a 503. So a client that holds connections open keeps nobody else out. Sockets are
// created close-on-exec, so that runtimes started at the same time do not inherit them.
#pragma once

#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "emulator/http/connection.h"
#include "emulator/http/limits.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class HttpServer : private base::Pinned {
 public:
  // `handler` outlives the server.
  explicit HttpServer(HttpHandler& handler, const HttpLimits& limits = {})
      : handler_(handler), limits_(limits) {}

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
  enum class Place : std::uint8_t { kStopping, kServe, kFull };

  base::Fd accept_one();
  void serve(base::Fd socket, Place place);
  Place take_place(bool accepted);
  bool add_thread();
  bool evict_idle();

  HttpHandler& handler_;
  const HttpLimits limits_;
  base::Fd listener_;
  std::uint16_t port_ = 0;

  std::mutex mutex_;  // guards what follows
  std::vector<std::thread> threads_;
  std::vector<HttpConnection*> open_;
  unsigned waiting_ = 0;  // threads in accept
  bool stopping_ = false;
};

}  // namespace phork::emulator
