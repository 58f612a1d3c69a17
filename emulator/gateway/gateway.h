// SPDX-License-Identifier: MIT
//
// The front door for browsers and load generators: every HTTP request becomes an event of the local
// Lambda, and its answer the response: with a length, or part by part when the function streams it.
// But for the paths of its routes.
// The connection's own thread carries the event, so a request costs no hop here. Loopback only.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "emulator/environments/local_lambda.h"
#include "emulator/gateway/payload.h"
#include "emulator/http/route.h"
#include "emulator/http/server.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class HttpFront final : private HttpHandler {
 public:
  // All of them outlive the front. The first route that takes a request gets it.
  HttpFront(LocalLambda& lambda, const Payload& payload, std::vector<FrontRoute*> routes = {})
      : lambda_(lambda), payload_(payload), routes_(std::move(routes)), server_(*this) {}

  ~HttpFront() override { stop(); }

  // Port 0: any. A port in use is ErrorKind::kRefused.
  base::Status start(std::uint16_t port) { return server_.start(port); }

  // Requests under way must be able to end: lambda.request_stop() comes first.
  void stop() { server_.stop(); }

  std::uint16_t port() const { return server_.port(); }

 private:
  std::size_t body_limit(const HttpRequest& head) const override;
  void handle(HttpRequest request, HttpConnection& connection) override;
  FrontRoute* route_of(const HttpRequest& head) const;
  void serve_event(const HttpRequest& request, HttpConnection& connection);

  LocalLambda& lambda_;
  const Payload& payload_;
  const std::vector<FrontRoute*> routes_;
  HttpServer server_;  // last, so that its threads end before what they use
};

}  // namespace phork::emulator
