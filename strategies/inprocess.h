// SPDX-License-Identifier: MIT
//
// Strategy inprocess (A): bootstrap becomes php-worker by execve, keeps its pid, and that process
// asks the Runtime API for events itself (php-worker/sapi/modes/inprocess.h). Fresh for an event:
// the request variables; a script also runs from its beginning, but a handler keeps its globals and
// statics. The boot is paid once, at cold start. A fatal error costs the event and a restart of PHP
// in this process; a crash costs the event and the environment, as Lambda starts bootstrap again.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_inprocess(const Settings& settings);

}  // namespace phork::strategies
