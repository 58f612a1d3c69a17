// SPDX-License-Identifier: MIT
//
// A Runtime API for one event at a time that notes all that a runtime must not do, and closes its
// connections where a test says. As Lambda's, it hands an event out again until it is answered, and
// takes one answer to it. It has one thread, and never waits. Thread-safe.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::testing {

class StrictApi : private base::Pinned {
 public:
  // The accepted one.
  struct Outcome {
    bool answered = false;  // to /response, not to /error
    std::string body;
  };

  // The moment at which the API closes a connection, once.
  enum class Exchange : std::uint8_t { kNext, kPost };
  enum class Moment : std::uint8_t {
    kBeforeRequest,  // amid its bytes; the request has no effect
    kBeforeReply,
    kInHead,
    kAfterHead,
    kInBody,
    kAfterReply,
  };
  static constexpr Moment kMoments[] = {Moment::kBeforeRequest, Moment::kBeforeReply,
                                        Moment::kInHead,        Moment::kAfterHead,
                                        Moment::kInBody,        Moment::kAfterReply};

  StrictApi();
  ~StrictApi();

  // The value of AWS_LAMBDA_RUNTIME_API.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // With an empty `deadline_ms`, the event has a minute.
  void give(const std::string& request_id, const std::string& payload,
            const std::string& deadline_ms = "");

  // True when a `next` waits.
  bool idle() const;

  // Closes the connection on which a `next` waits.
  void hang_up();
  // Closes at that moment of the next exchange. A `next` counts when it gets an event.
  void close_at(Exchange exchange, Moment moment);

  std::optional<Outcome> outcome_of(const std::string& request_id) const;
  // Waits for it; nothing when there is none after a minute.
  std::optional<Outcome> wait_outcome(const std::string& request_id);

  // Answers that came second, or for an id that is not under way: "response event-1".
  std::vector<std::string> refused() const;
  // Two `next` at once, or one for an event that is under way at a live worker; a line for each.
  std::vector<std::string> violations() const;

 private:
  struct Connection {
    base::Fd socket;
    std::string input;
  };

  struct Event {
    std::string request_id;
    std::string payload;
    std::string deadline_ms;
  };

  void run();
  void accept_one();
  bool read_from(Connection& connection);
  bool serve_request(Connection& connection, std::string_view head, std::string_view body);
  bool next(Connection& connection);
  bool hand_out(Connection& connection);
  bool post(Connection& connection, std::string_view path, std::string_view body);
  bool reply(Connection& connection, Exchange exchange, const std::string& head,
             const std::string& body);
  bool closes_now(Exchange exchange, Moment moment);
  void drop(Connection& connection);
  void wake();

  base::Fd listener_;
  base::Fd wakeup_;
  int port_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable posted_;
  std::list<Connection> connections_;
  Connection* parked_ = nullptr;
  std::deque<Event> events_;  // the first may be under way
  bool under_way_ = false;
  Connection* carrier_ = nullptr;  // the event under way went out by it; null: it has been closed
  std::map<std::string, Outcome> outcomes_;
  std::vector<std::string> refused_;
  std::vector<std::string> violations_;
  std::optional<std::pair<Exchange, Moment>> closes_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace phork::testing
