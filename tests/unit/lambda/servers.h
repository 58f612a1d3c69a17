// SPDX-License-Identifier: MIT
//
// Two stand-ins for the Runtime API on loopback. MockApi is an HTTP server that hands out one event
// as often as it is asked and records what it is sent. ScriptedServer runs a function on each
// connection, byte by byte, for behaviour that a correct server does not have.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <httplib.h>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda::testing {

class MockApi : private base::Pinned {
 public:
  struct Request {
    std::string method;
    std::string target;  // as it was on the wire
    httplib::Headers headers;
    std::string body;

    std::string header(const std::string& name) const;

    bool has(const std::string& name) const { return headers.count(name) > 0; }
  };

  MockApi();
  ~MockApi();

  Endpoint endpoint() const { return {"127.0.0.1", port_}; }

  // The answers; set these between calls.
  int next_status = 200;
  std::string next_body = "{}";
  std::multimap<std::string, std::string> next_headers = {
      {"Lambda-Runtime-Aws-Request-Id", "request-1"}};
  int post_status = 202;
  std::string post_body = R"({"status":"OK"})";

  std::vector<Request> requests() const;
  Request last_request() const;
  std::size_t connections() const;

 private:
  void record(const httplib::Request& request);

  httplib::Server server_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::set<int> client_ports_;
  std::thread thread_;
};

// A request with a chunked body; the part that arrived, when the client closed first.
struct ChunkedRequest {
  std::string head;
  std::string wire;  // everything behind the head
  std::string body;  // the bytes of the chunks
};

// One end of a connection that a script reads and writes.
class Connection {
 public:
  explicit Connection(base::Fd socket) : socket_(std::move(socket)) {}

  // Reads up to and including the blank line; "" when the client closed first.
  std::string read_head();
  // Reads head and body, by Content-Length.
  std::string read_request();
  // Reads to the end of the trailers.
  ChunkedRequest read_chunked();
  // Reads the next bytes that arrive.
  std::string read_some();
  void send(std::string_view bytes);
  // True when the client hangs up within `limit`.
  bool is_left_within(std::chrono::milliseconds limit) const;

  // For a script that goes on after it has closed its connection.
  void close() { socket_.reset(); }

 private:
  std::string read_until(const std::function<bool()>& enough);
  std::string take_line();
  std::string take(std::size_t bytes);
  bool receive();

  base::Fd socket_;
  std::string received_;
};

class ScriptedServer : private base::Pinned {
 public:
  using Script = std::function<void(Connection&)>;

  // The n-th connection gets the n-th script and is closed after it; no other is accepted.
  explicit ScriptedServer(std::vector<Script> scripts);
  ~ScriptedServer();

  Endpoint endpoint() const { return {"127.0.0.1", port_}; }

  // Waits until the last script has ended.
  void join();
  // True when a client connected again after the last script. Call it after join().
  bool has_uninvited() const;

 private:
  base::Fd listener_;
  int port_ = 0;
  std::thread thread_;
};

// A connection's two ends: Unix sockets of `type`, the first with the timeouts that ApiConnection
// gives its own.
base::FdPair connected_pair(int type, std::chrono::milliseconds timeout);

// Responses as the Runtime API sends them.
std::string event_response(const std::string& request_id, const std::string& body = "{}");
std::string status_response(const std::string& status, const std::string& body = "{}");

// A port on which no process listens.
Endpoint closed_endpoint();

}  // namespace phork::lambda::testing
