// SPDX-License-Identifier: MIT
//
// A Runtime API for several events at the same time, as on Lambda Managed Instances, which the
// emulator is not. Counts the `next` that wait, hands events out in the order they were given, and
// keeps every outcome under its request id. All events belong to one trace. An extension can
// register, and then waits. Takes errors before the first event, and offers the restore of a
// snapshot (SnapStart). Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
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

  // An error of an init or a restore.
  struct StartError {
    std::string call;  // "init/error"
    std::string type;  // of the header
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

  // Lets all go on that wait for the restore of a snapshot, or will ask for it.
  void restore();
  // The status of each reply to restore/next from now on; other than 200, it comes at once.
  void set_restore_status(int status);
  // The same for errors of an init or a restore.
  void set_start_error_status(int status);
  std::vector<StartError> start_errors() const;
  // True when a call came by a connection by which one came before the restore.
  bool has_old_connection() const;

  // The calls in the order they came: "restore", "restored", "register", "extension <identifier>",
  // "next", "post".
  std::vector<std::string> calls() const;

  // All outcomes of each event; more than one is a defect of the runtime.
  std::map<std::string, std::vector<Posted>> outcomes() const;

 private:
  struct Event {
    std::string request_id;
    std::string payload;
  };

  void add_extension_routes();
  void add_start_routes();
  void restore_next(const httplib::Request& request, httplib::Response& response);
  void note(const std::string& call);
  void next(const httplib::Request& request, httplib::Response& response);
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
  bool restored_ = false;
  int restore_status_ = 200;
  int start_error_status_ = 202;
  std::vector<StartError> start_errors_;
  std::set<int> old_ports_;  // of connections before the restore
  bool has_old_connection_ = false;
  bool stopping_ = false;

  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace phork::testing
