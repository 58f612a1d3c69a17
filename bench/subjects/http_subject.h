// SPDX-License-Identifier: MIT
//
// A web server as one of its callers sees it: the application's event as the HTTP request that it
// was made from. Owns the server, or is one more caller of a server that somebody else has started.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/subjects/http_client.h"
#include "bench/subjects/subject.h"
#include "bench/subjects/web_server.h"

namespace phork::bench {

class HttpSubject final : public Subject {
 public:
  HttpSubject(const Application& application, std::unique_ptr<WebServer> server);
  // `server` must have started before start().
  HttpSubject(const Application& application, WebServer& server);

  base::Status start() override;
  base::Result<Answer> invoke() override;
  base::Result<std::vector<EventSample>> take_samples() override;

  RuntimeUsage usage() const override { return server_.usage(); }

  TreeCost cost() const override { return server_.cost(); }

  std::int64_t cold_start_us() const override { return server_.cold_start_us(); }

 private:
  base::Error failure(const std::string& reason);

  const Application application_;
  std::unique_ptr<WebServer> owned_;
  WebServer& server_;
  std::string request_;
  bool head_only_ = false;
  std::optional<HttpClient> client_;
  std::vector<EventSample> samples_;
};

}  // namespace phork::bench
