// SPDX-License-Identifier: MIT
//
// The end of a zygote and its children when the supervisor has ended.
#pragma once

namespace phork::sapi {

// In a zygote that has booted. Until now it was to be killed with the supervisor. From here on it
// has children, to end before itself; it learns from the control socket when. SIGCONT comes too, in
// case an event has stopped it.
void watch_supervisor();

// In a child: a signal comes when the zygote ends, or when the supervisor does, whose child it is
// then. It outlives its zygote, but not the supervisor too. Event code can keep this from
// happening; then the zygote, if it lives, still ends the child.
void hear_of_parents_end();
// Also for a parent that ended before hear_of_parents_end().
void end_without_supervisor();

}  // namespace phork::sapi
