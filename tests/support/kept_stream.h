// SPDX-License-Identifier: MIT
//
// An event::AnswerStream that keeps the bytes written to it and returns the status that a case
// wants. Used by the thread that serves the event; read it after the event was served.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::testing {

class KeptStream final : public event::AnswerStream {
 public:
  base::Status begin(const std::string& content_type) override {
    begun_with_ = content_type;
    return on_begin();
  }

  base::Status write(std::string_view bytes, base::Deadline deadline) override {
    writes_.emplace_back(bytes);
    return on_write(deadline);
  }

  bool begun() const override { return begun_with_.has_value(); }

  std::string content_type() const { return begun_with_.value_or("never begun"); }

  const std::vector<std::string>& writes() const { return writes_; }

  // Called after each call was noted; set these before the event is served.
  std::function<base::Status()> on_begin = [] { return base::ok_status(); };
  std::function<base::Status(base::Deadline)> on_write = [](base::Deadline) {
    return base::ok_status();
  };

 private:
  std::optional<std::string> begun_with_;
  std::vector<std::string> writes_;
};

}  // namespace phork::testing
