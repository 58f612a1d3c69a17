// SPDX-License-Identifier: MIT
//
// Web servers that run PHP outside of Lambda, and a client of one as a Subject: nginx in front of
// php-fpm as Debian configures them, or `php -S`. A server listens on a port of loopback, runs as
// the current user and keeps its files in a folder of its own. The destructor ends all processes
// and removes the folder. Several threads may send requests; everything else is one thread's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/subjects/runtime_log.h"
#include "bench/subjects/subject.h"
#include "emulator/http/client.h"
#include "runtime/base/pinned.h"
#include "runtime/http/message.h"
#include "runtime/process/spawn.h"

namespace phork::bench {

class WebServer : private base::Pinned {
 public:
  // Serves `workers` requests at once.
  explicit WebServer(Launch launch, unsigned workers = 1);
  ~WebServer();

  // Returns when PHP can take a request. No request has reached the application by then.
  base::Status start();

  std::uint16_t port() const { return port_; }

  RuntimeUsage usage() const;
  TreeCost cost() const;

  std::int64_t cold_start_us() const { return cold_start_us_; }

  // An error that ends with the last line that the server printed.
  base::Error failure(const std::string& action, const std::string& reason);

 private:
  using Clock = std::chrono::steady_clock;

  base::Status start_nginx_and_fpm();
  base::Status start_php_server();
  base::Status spawn(process::SpawnOptions options);
  base::Status wait_until_ready(bool pinged);

  const Launch launch_;
  const unsigned workers_;
  std::string folder_;
  RuntimeLog log_;
  std::vector<std::unique_ptr<process::Process>> processes_;  // the one that listens first
  std::uint16_t port_ = 0;
  std::int64_t cold_start_us_ = 0;
};

// `request` as it goes over the wire. Headers of the connection that the request originally came on
// are left out; Content-Length is that of the body.
std::string request_text(const http::Request& request);

// A client of a web server: it sends the workload's event as the HTTP request that the event was
// made from. Owns the server, or is one more client of a server that another one owns.
class HttpSubject final : public Subject {
 public:
  HttpSubject(const Workload& workload, std::unique_ptr<WebServer> server);
  // `server` must have started before start() and outlive this client.
  HttpSubject(const Workload& workload, WebServer& server);

  base::Status start() override;
  base::Result<Answer> invoke() override;
  base::Result<std::vector<EventSample>> take_samples() override;

  RuntimeUsage usage() const override { return server_.usage(); }

  TreeCost cost() const override { return server_.cost(); }

  std::int64_t cold_start_us() const override { return server_.cold_start_us(); }

 private:
  base::Error failure(const std::string& reason);

  const Workload workload_;
  std::unique_ptr<WebServer> owned_;
  WebServer& server_;
  std::string request_;
  std::string method_;
  std::optional<emulator::HttpClient> client_;
  std::vector<EventSample> samples_;
};

}  // namespace phork::bench
