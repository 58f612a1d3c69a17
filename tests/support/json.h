// SPDX-License-Identifier: MIT
//
// Parsed JSON with values by their dotted path ("context.clientContext", "ran.0.1"). A value that
// is missing or of another type fails the test.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace phork::testing {

class Json {
 public:
  explicit Json(const std::string& text);

  std::string text(std::string_view path) const;
  std::int64_t integer(std::string_view path) const;
  bool boolean(std::string_view path) const;
  bool has(std::string_view path) const;
  // The value's own JSON.
  std::string raw(std::string_view path) const;

 private:
  struct Document;
  std::shared_ptr<Document> document_;
};

}  // namespace phork::testing
