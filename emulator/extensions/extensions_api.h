// SPDX-License-Identifier: MIT
//
// The Extensions API, the Telemetry API and the Logs API for one environment: the extensions that
// have registered, the events that they wait for, and whether the environment may go on without
// them. External extensions are programs of their own; internal ones live in the runtime's process
// and register until its init is over. Starts no process. Any thread.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/event/function_config.h"
#include "emulator/extensions/telemetry.h"
#include "emulator/http/connection.h"
#include "emulator/observe/log_lines.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// An event that the runtime gets, as extensions learn of it.
struct InvokeNotice {
  std::string request_id;
  std::int64_t deadline_ms = 0;
  std::string function_arn;
  std::string trace_id;
};

class ExtensionsApi : private base::Pinned {
 public:
  struct Failure {
    std::string type;
    std::string message;
  };

  struct Hooks {
    // An extension has registered, is ready or has failed; called without locks held.
    std::function<void()> changed;
    // A line of the platform about an extension, for the log; `event` is the same as JSON.
    std::function<void(const std::string& line, const std::string& event)> note;
  };

  // Borrows `config`, `lines` and `telemetry`.
  ExtensionsApi(const FunctionConfig& config, const LogLines& lines, Telemetry& telemetry,
                Hooks hooks)
      : config_(config), lines_(lines), telemetry_(telemetry), hooks_(std::move(hooks)) {}

  // An init begins, with external extensions of these names; forgets all others.
  void begin(const std::vector<std::string>& external);
  // All external extensions have registered.
  bool registered() const;
  // Nobody has to finish its init or its event.
  bool ready() const;
  // The init is over: no extension registers or subscribes any more.
  void init_over();
  // An event goes out to those who asked for INVOKE; each is busy until its next `next`.
  void invoke(const InvokeNotice& notice);
  // Tells those who asked for SHUTDOWN. `reason` is spindown, timeout or failure.
  void shutdown(std::string_view reason, std::int64_t deadline_ms);
  // True if the extension has asked for SHUTDOWN; others may be killed without notice.
  bool wants_shutdown(const std::string& name) const;
  // A program has ended without having been asked.
  void crashed(const std::string& name, const std::string& how);
  // Posted by an extension to init/error or exit/error, or its crash; the first one.
  std::optional<Failure> failure() const;

  static bool takes(std::string_view path);
  void handle(const HttpRequest& request, HttpConnection& connection);
  // Nothing is sent on the connection after this returns.
  void closed(const HttpConnection& connection);

 private:
  enum class Stage : std::uint8_t { kExpected, kRegistered, kWaiting, kBusy, kFailed };

  struct Extension {
    std::string name;
    std::string id{};
    bool external = false;
    bool invoke = false;
    bool shutdown = false;
    Stage stage = Stage::kExpected;
    HttpConnection* parked = nullptr;  // waits in `next`
    std::string pending{};             // an event that came while no connection waited
  };

  HttpReply enroll(const HttpRequest& request);
  void next(const HttpRequest& request, HttpConnection& connection);
  HttpReply fail(const HttpRequest& request, bool in_init);
  HttpReply subscribe(const HttpRequest& request, std::string_view api);
  Extension* find(const HttpRequest& request, std::optional<HttpReply>& refused);
  void tell(bool Extension::*wants, const std::string& event);
  static ExtensionFacts facts_of(const Extension& extension, std::string state,
                                 std::string error_type);

  const FunctionConfig& config_;
  const LogLines& lines_;
  Telemetry& telemetry_;
  const Hooks hooks_;

  mutable std::mutex mutex_;  // guards what follows; taken before sending_
  std::vector<Extension> extensions_;
  bool open_ = false;
  std::optional<Failure> failure_;

  std::mutex sending_;  // held while a thread sends on the connection of another thread
};

}  // namespace phork::emulator
