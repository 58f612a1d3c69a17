// SPDX-License-Identifier: MIT
//
// Launches of everything that can be measured: phork's strategies, other runtimes by their start
// command, and PHP's usual web servers. Reads the file system, and runs php-worker to learn the
// kind of an entry; starts nothing else.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/subjects/subject.h"
#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::bench {

// `workload` under one of phork's strategies, whose name is also the label.
Launch strategy_launch(const std::string& bootstrap, const std::string& strategy,
                       Workload workload);

// Parses NAME=COMMAND, the argument of --against. The shell runs COMMAND (`/bin/sh -c`) in the task
// root, so it can set variables and use those of Lambda. kInvalid without a name or a command.
base::Result<Launch> command_launch(const std::string& name_and_command, Workload workload);

// `workload` under Bref of the folder in PHORK_BREF_DIR, labelled "bref-" and the mode: "loop"
// (one process for all events), "function" (one for each) or "fpm" (Bref in front of php-fpm).
// `source` is the root of the project, whose bench/subjects/bref/run starts it.
Launch bref_launch(const std::string& source, const std::string& mode, Workload workload);

// A launch of a runtime as a function of the emulator.
emulator::FunctionConfig function_of(const Launch& launch);

// The environment of a launch without Lambda's variables: ours, the workload's, the launch's; later
// ones override.
std::vector<std::string> environment_of(const Launch& launch);

// "nginx-fpm", "php-server", "php-cgi".
std::span<const std::string_view> baselines();

// `workload` under one of PHP's web servers. These run scripts: the entry if it is one, else
// public/index.php or index.php. kRefused gives the reason to leave the baseline out: there is no
// script, a program is not installed, or the event is not an HTTP request. `worker` is the path of
// php-worker.
base::Result<Launch> baseline_launch(std::string_view name, const std::string& worker,
                                     Workload workload);

}  // namespace phork::bench
