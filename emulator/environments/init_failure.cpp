// SPDX-License-Identifier: MIT
#include "emulator/environments/init_failure.h"

#include <utility>

#include <simdjson.h>

namespace phork::emulator {

InitFailure InitFailure::posted(const std::string& body) {
  ErrorFields fields = read_error_json(body);
  if (fields.type.empty()) fields.type = "Runtime.Unknown";
  return {std::move(fields.type), std::move(fields.message), body};
}

ErrorFields read_error_json(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  ErrorFields fields;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) return fields;
  std::string_view text;
  if (object["errorType"].get(text) == simdjson::SUCCESS) fields.type = text;
  if (object["errorMessage"].get(text) == simdjson::SUCCESS) fields.message = text;
  return fields;
}

}  // namespace phork::emulator
