// SPDX-License-Identifier: MIT
//
// A Runtime API that is asked for several events at the same time, as on Lambda Managed Instances:
// counts who waits, hands events out in the order they were given, and keeps every outcome that is
// posted, under its request id. Takes an extension, too, and lets it wait. For tests; any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/pinned.h"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace phork::testing {

class ConcurrentApi : private base::Pinned {
 public:
  // What was posted for one event.
  struct Posted {
    bool answered = false;  // to /response, not to /error
    std::string body;
  };

  ConcurrentApi();
  // The runtime has ended by then.
  ~ConcurrentApi();

  // What goes into AWS_LAMBDA_RUNTIME_API.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void give(const std::string& request_id, const std::string& payload);

  // How many `next` wait.
  int parked() const;
  // The most that ever waited.
  int most_parked() const;

  // How many outcomes have come in part so far.
  int under_way() const;

  // Waits until `count` outcomes are there, or `false` when they are not within a minute in which
  // none came.
  bool wait_outcomes(std::size_t count);

  // The calls in the order they came: "register", "extension <identifier>", "next", "post".
  std::vector<std::string> calls() const;

  // All outcomes of each event; more than one is a defect of the runtime.
  std::map<std::string, std::vector<Posted>> outcomes() const;

 private:
  struct Event {
    std::string request_id;
    std::string payload;
  };

  void add_extension_routes();
  void note(const std::string& call);
  void next(httplib::Response& response);
  void post(const httplib::Request& request, std::string body, httplib::Response& response);
  void add_post_route();

  mutable std::mutex mutex_;  // guards what follows, up to the server
  std::condition_variable given_;
  std::condition_variable posted_;
  std::deque<Event> events_;
  std::vector<std::string> calls_;
  std::map<std::string, std::vector<Posted>> outcomes_;
  std::size_t outcome_count_ = 0;
  int parked_ = 0;
  int most_parked_ = 0;
  int under_way_ = 0;
  bool stopping_ = false;

  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace phork::testing
