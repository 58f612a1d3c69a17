// SPDX-License-Identifier: MIT
//
// What can be measured, by name: phork's strategies, any other runtime by its start command, and
// the web servers that PHP runs under elsewhere. Looks at the file system, starts nothing but
// php-worker to ask what an entry is.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/subjects/subject.h"
#include "runtime/base/result.h"

namespace phork::bench {

// `application` under one of phork's strategies, which is the label too.
Launch strategy_launch(const std::string& bootstrap, const std::string& strategy,
                       Application application);

// NAME=COMMAND as --against takes it. The command is a shell's (`/bin/sh -c COMMAND`), so that it
// may set variables and use those of Lambda, and is started in the task root. kInvalid when there
// is no name or no command.
base::Result<Launch> command_launch(const std::string& name_and_command, Application application);

// The variables of what is launched, without Lambda's: ours, the application's, and the launch's.
std::vector<std::string> environment_of(const Launch& launch);

// "nginx-fpm", "php-server", "php-cgi".
std::span<const std::string_view> baselines();

// `application` under a web server. They run scripts: the entry when it is one, else its
// public/index.php or index.php; where there is none, a program is not installed, or the event is
// no HTTP request, kRefused says why the baseline has to be left out. `worker` is the path of
// php-worker.
base::Result<Launch> baseline_launch(std::string_view name, const std::string& worker,
                                     Application application);

}  // namespace phork::bench
