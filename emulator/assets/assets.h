// SPDX-License-Identifier: MIT
//
// Serves the static files of an application in the place of the content delivery network that does
// so in front of a function on Lambda. GET and HEAD of a file are answered here; everything else is
// the function's. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/assets/document_root.h"
#include "emulator/http/connection.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class Assets : private base::Pinned {
 public:
  // `log` gets a line at the first file, and one when the document root is missing.
  Assets(DocumentRoot root, std::function<void(const std::string&)> log)
      : root_(std::move(root)), log_(std::move(log)) {}

  // Replies, and returns the status; nullopt, without a reply, for a request that is the
  // function's.
  std::optional<int> serve(const HttpRequest& request, HttpConnection& connection);

 private:
  void tell_once(std::atomic<bool>& told, const std::string& line) const;

  const DocumentRoot root_;
  const std::function<void(const std::string&)> log_;
  std::atomic<bool> told_first_ = false;
  std::atomic<bool> told_missing_ = false;
};

}  // namespace phork::emulator
