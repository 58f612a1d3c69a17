// SPDX-License-Identifier: MIT
//
// The workloads of the project's own scenarios: applications of examples/ and bench/apps/, each
// with the event that it is sent. `source` is always the absolute path of the project.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bench/subjects/subject.h"

namespace phork::bench {

// The page of examples/symfony that `./dev demo` asks for, too.
inline constexpr const char* kSymfonyPath = "/hello/Ada?minimum_km=50000";

Workload symfony_page(const std::string& source);
Workload laravel_page(const std::string& source);
// The same page by files that phork and Bref run alike: a function with one kernel for all events,
// and a script, which boots a kernel for each.
Workload symfony_function(const std::string& source);
Workload symfony_script(const std::string& source);
// A handler that greets, and tells when its boot began and when it came to the handler.
Workload hello(const std::string& source);
// A script, which every PHP server can run.
Workload script(const std::string& source);
// A handler that computes for a little more than two milliseconds: for `steps`, or, if that is "",
// for a number of steps that it calibrates during boot and names in its answer.
Workload two_ms(const std::string& source, const std::string& steps = {});

// The content of a heap: rows of a few small values, or strings of a megabyte.
enum class HeapValues { kSmall, kBig };

std::string_view name_of(HeapValues values);

Workload heap(const std::string& source, unsigned megabytes, HeapValues values);
// Answers with version, extensions and settings of the PHP that runs it.
Workload facts(const std::string& source);

// Why the workload cannot run, as text for the report; empty when it can.
std::optional<std::string> missing(const Workload& workload);

}  // namespace phork::bench
