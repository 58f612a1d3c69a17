// SPDX-License-Identifier: MIT
//
// The extensions of one environment, from the start of an init to its shutdown: their programs,
// the API that they call and the records that they get. Without a folder of extensions there are
// only those inside the runtime.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "emulator/environments/init_record.h"
#include "emulator/environments/journal.h"
#include "emulator/environments/peer_check.h"
#include "emulator/extensions/extensions_api.h"
#include "emulator/extensions/external.h"
#include "emulator/extensions/telemetry.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class ExtensionPhase : private base::Pinned {
 public:
  // The environment of the programs.
  struct Surroundings {
    std::vector<std::string> variables;  // of the runtime
    Sandbox* sandbox = nullptr;          // borrowed; null without a sandbox
  };

  // Calls `changed`, without locks held, when an extension has registered, is ready or has failed.
  // Borrows the rest.
  ExtensionPhase(const FunctionContext& context, EnvironmentJournal& journal, Telemetry& telemetry,
                 std::function<void()> changed);

  // For the Runtime API server.
  ExtensionsApi& api() { return api_; }

  // An init begins. Looks for the programs, which may have changed.
  void begin();
  // Starts the programs, and waits until all have registered: only then the runtime starts, as on
  // Lambda. `wakeup` is the eventfd that `changed` and whoever sets `stopping` signal. Returns the
  // failure of the init.
  std::optional<InitFailure> start(const Surroundings& surroundings, PeerCheck& peers,
                                   const base::Fd& wakeup, const std::atomic<bool>& stopping,
                                   const InitRecord::View& init);

  // True while programs of extensions run.
  bool any_external() const { return !names_.empty(); }

  std::vector<pid_t> pids() const { return external_.pids(); }

  // Posted or caused by an extension.
  std::optional<InitFailure> failure() const;
  // No extension registers or subscribes any more.
  void init_over();
  // The runtime has ended. Tells extensions, which have until `until`, and returns when all have
  // ended and all records are sent. `reason` is spindown, timeout or failure.
  void end(std::string_view reason, Clock::time_point until);

 private:
  std::optional<InitFailure> start_programs(const Surroundings& surroundings);

  const FunctionContext context_;
  Telemetry& telemetry_;
  ExtensionsApi api_;
  std::vector<std::string> names_;
  ExternalExtensions external_;  // last, as its thread uses the members above
};

}  // namespace phork::emulator
