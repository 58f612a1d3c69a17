// SPDX-License-Identifier: MIT
//
// Workers whose zygote is gone. They live on as children of the supervisor.
#include <cerrno>
#include <csignal>
#include <sys/wait.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/process/known_children.h"
#include "runtime/process/process_tree.h"
#include "supervisor/forked_slots.h"

namespace phork::supervisor {

using process::ExitStatus;
using process::KnownChildren;

bool ForkedSlots::adopt(Place& place) {
  const pid_t orphan = place.seat->side().orphan();
  siginfo_t info{};
  // The pid is the worker's word, and PHP code may have changed it: it counts only for a child.
  const bool is_child = orphan > 0 && ::waitid(P_PID, static_cast<id_t>(orphan), &info,
                                               WEXITED | WNOHANG | WNOWAIT) == 0;
  if (!is_child) return false;
  auto& known = KnownChildren::of_this_process();
  known.add(known.lock(), orphan);
  place.adopted_pidfd = base::open_pidfd(orphan);
  if (!place.adopted_pidfd.valid()) {
    // Without one nobody would notice its end. It is a stray from here on.
    base::log_error(base::system_error("supervisor: open pidfd of a worker", errno).text);
    known.remove(orphan);
    process::kill_group(orphan);
    return false;
  }
  place.adopted = orphan;
  place.adopted_watch = around_.loop.on_readable(place.adopted_pidfd.get(),
                                                 [this, &place] { on_adopted_end(place); });
  if (is_ending()) stop_adopted(place);
  return true;
}

// As long as it has not been reaped, no other process or group can have its number.
void ForkedSlots::signal_adopted(const Place& place, int number) {
  if (number == SIGKILL) return process::kill_group(place.adopted);
  ::kill(place.adopted, number);
}

void ForkedSlots::stop_adopted(const Place& place) {
  // A worker that has no turn has no event either.
  signal_adopted(place, place.seat->side().read().has_turn ? slot::kStopSignal : SIGKILL);
}

void ForkedSlots::on_adopted_end(Place& place) {
  place.adopted_watch.reset();
  const pid_t pid = std::exchange(place.adopted, 0);
  ::kill(-pid, SIGKILL);
  int wait_status = 0;
  ::waitpid(pid, &wait_status, 0);
  KnownChildren::of_this_process().remove(pid);
  KnownChildren::of_this_process().end_strays();
  place.adopted_pidfd.reset();
  end_adopted(place, ExitStatus::from_wait_status(wait_status));
  look_for_end();
}

// Outside of its turn it owes nothing. Within, it may have left half an exchange on the connection
// that it shared with the other seat's worker, and no zygote ends that. The other has no event.
void ForkedSlots::end_adopted(Place& place, const std::optional<ExitStatus>& status) {
  if (place.seat->side().read().has_turn) {
    const Place& other = other_of(place);
    if ((!status || !status->clean()) && other.adopted != 0) signal_adopted(other, SIGKILL);
    return end_worker(place, status);
  }
  place.seat->side().end_turn();
  give(place);
}

}  // namespace phork::supervisor
