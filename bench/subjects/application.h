// SPDX-License-Identifier: MIT
//
// What is served while it is measured: a folder with its entry, one event, and the sign by which a
// good answer is known, so that nobody measures an error page. Plain values; the applications of
// the project's own scenarios are listed here.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace phork::bench {

struct Application {
  std::string name;
  std::string task_root;  // absolute
  std::string handler;
  std::string payload;  // of each event, byte for byte the same
  std::string sign;     // what the body of each answer contains
  std::vector<std::pair<std::string, std::string>> environment{};
  std::string needed{};  // a file below the root without which it cannot run
};

// One of the rows that a heap is filled with.
enum class HeapValues { kSmall, kBig };

std::string_view name_of(HeapValues values);

// `source` is the root of the project, absolute.
Application symfony_page(const std::string& source);
Application laravel_page(const std::string& source);
Application hello(const std::string& source);
// A script, for all servers of PHP.
Application script(const std::string& source);
// A handler that computes for a little more than two milliseconds; for as many steps as it is told,
// else for as many as it finds to take that long while it boots, which its answer names.
Application two_ms(const std::string& source, const std::string& steps = {});
Application heap(const std::string& source, unsigned megabytes, HeapValues values);
// Answers with what the PHP is that runs it.
Application facts(const std::string& source);

// Why the application cannot be run, in words for the report; empty when it can.
std::optional<std::string> missing(const Application& application);

}  // namespace phork::bench
