// SPDX-License-Identifier: MIT
//
// Which files of an application are its source, so that a change of one makes the running processes
// stale, and which folders hold none: what the application writes itself must not count, or each
// event would be followed by a reload. Pure.
#pragma once

#include <string_view>

namespace phork::emulator {

// By its name: code, configuration and templates, but not what an editor keeps beside them.
bool is_source_file(std::string_view name);

// `folder` is relative to the root of the application, without slashes at its ends. Caches, logs
// and uploads of the usual frameworks, what belongs to other tools, and everything hidden hold
// none.
bool may_hold_sources(std::string_view folder);

}  // namespace phork::emulator
