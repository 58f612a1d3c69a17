// SPDX-License-Identifier: MIT
//
// The HTTP server of `phork serve`: makes an event of every request, in one payload format, and the
// response of the function's answer, part by part when the function streams it. Requests for the
// paths of its routes go there instead, and those for static files to its assets.
// The connection's own thread carries the event, so a request costs no change of threads. Loopback
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "emulator/assets/assets.h"
#include "emulator/environments/local_lambda.h"
#include "emulator/gateway/payload.h"
#include "emulator/http/connection.h"
#include "emulator/http/server.h"
#include "emulator/http/site_guard.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class Gateway final : private HttpHandler {
 public:
  // Borrows `lambda`, `payload`, the routes, and `assets`, which may be null. The first route that
  // takes a request handles it, unless `guard` refuses it. The function itself gets the requests of
  // all sites, as on Lambda, and so do static files.
  Gateway(LocalLambda& lambda, const Payload& payload, std::vector<HttpRoute*> routes = {},
          SiteGuard guard = SiteGuard(), Assets* assets = nullptr)
      : lambda_(lambda),
        payload_(payload),
        routes_(std::move(routes)),
        guard_(std::move(guard)),
        assets_(assets),
        server_(*this) {}

  ~Gateway() override { stop(); }

  // Port 0 means any free port. A port in use is ErrorKind::kRefused.
  base::Status start(std::uint16_t port) { return server_.start(port); }

  // Waits for the requests under way: call lambda.request_stop() first, so that they end.
  void stop() { server_.stop(); }

  std::uint16_t port() const { return server_.port(); }

 private:
  std::size_t body_limit(const HttpRequest& head) const override;
  void handle(HttpRequest request, HttpConnection& connection) override;
  HttpRoute* route_of(const HttpRequest& head) const;
  void serve(const HttpRequest& request, HttpConnection& connection);
  // Returns the status of a request that became no event.
  std::optional<int> serve_event(const HttpRequest& request, HttpConnection& connection);
  // Returns the status of the reply.
  int reply_to(const EventResult& result, HttpConnection& connection);

  LocalLambda& lambda_;
  const Payload& payload_;
  const std::vector<HttpRoute*> routes_;
  const SiteGuard guard_;
  Assets* const assets_;
  HttpServer server_;  // last, so that its threads end before the members that they use
};

}  // namespace phork::emulator
