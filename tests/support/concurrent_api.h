// SPDX-License-Identifier: MIT
//
// A Runtime API for several events at the same time, as on Lambda Managed Instances, which the
// emulator is not. Counts the `next` that wait, hands events out in the order they were given, and
// keeps every outcome under its request id. An extension can register, and then waits. Thread-safe.
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
  // One outcome of an event.
  struct Posted {
    bool answered = false;  // to /response, not to /error
    std::string body;
  };

  ConcurrentApi();
  // Destroy it only after the runtime has ended.
  ~ConcurrentApi();

  // The value of AWS_LAMBDA_RUNTIME_API.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void give(const std::string& request_id, const std::string& payload);

  // The number of `next` that wait.
  int parked() const;
  // The largest number of `next` that waited at once.
  int most_parked() const;

  // The number of outcomes that have begun to arrive.
  int under_way() const;

  // Waits until there are `count` outcomes; false after a minute without a new one.
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

  mutable std::mutex mutex_;  // guards the members up to the server
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
