// SPDX-License-Identifier: MIT
//
// The seal: the zygote's last steps before it forks, and a child's first steps. Together they make
// a forked copy as good as a process that booted by itself. docs/zygote.md explains it to users.
//
// One object for the life of the zygote. Problems that it finds are either fixed and logged, or are
// a Failure with which the boot ends. PHP's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/belongings.h"
#include "php-worker/sapi/zygote/descriptor_renewal.h"
#include "php-worker/sapi/zygote/seal_checks.h"
#include "runtime/base/settings.h"

namespace phork::sapi {

class Seal {
 public:
  // Construct it before PHP starts: descriptors that are open by then are the process's own, not
  // the application's.
  explicit Seal(base::FdPolicy policy);

  // In the zygote, when boot and rehearsal are over. The order matters: hooks first, as they may
  // still change anything; then the collection of cycles, because a child that inherited them would
  // collect them itself and copy every page it looks at; then the checks for state that events must
  // not share; then the marks on objects. `arrange` comes last, when nothing allocates any more; it
  // returns what it did to the memory, in words. Logs one line about everything, at level DEBUG.
  std::optional<event::Failure> close(Application& application, std::uint32_t generation,
                                      const std::function<std::string()>& arrange);

  // In the sealed zygote: lets more code of the application run, as hooks do after the restore of a
  // snapshot, and does again what has to follow such code. `arrange` as above.
  std::optional<event::Failure> close_again(
      const std::function<std::optional<event::Failure>()>& code,
      const std::function<void()>& arrange);

  // In a child that is to be put back after each event: gives it its own descriptors, so that the
  // state that is kept has them already.
  void renew_descriptors() const { renewal_.run(); }

  // In a child, before it says ready: tells its belongings from the boot's, gives it its own
  // randomness and descriptors, then runs user hooks. A value says why it cannot serve its event.
  std::optional<event::Failure> prepare_child(Application& application) const;

  // In a child that ends, before it passes its turn on.
  void end_child() const { renewal_.close_files(); }

 private:
  struct Findings;

  std::optional<event::Failure> run_code(
      const std::function<std::optional<event::Failure>()>& code);
  std::optional<event::Failure> audit();
  void audit_descriptors(Findings& findings);
  void log_summary(std::uint32_t generation, BootCounts counts, const std::string& arrangement,
                   std::int64_t took_us) const;

  const base::FdPolicy policy_;
  const std::vector<int> own_descriptors_;
  DescriptorRenewal renewal_;
  std::vector<ino_t> hung_up_;  // the sockets that took the place of connections
  int cycles_ = 0;
  ChildSignal child_signal_;
};

}  // namespace phork::sapi
