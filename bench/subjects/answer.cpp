// SPDX-License-Identifier: MIT
#include "bench/subjects/answer.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <simdjson.h>

#include "runtime/base/base64.h"

namespace phork::bench {
namespace {

// An error's text is for one line of a terminal.
constexpr std::size_t kMostWords = 200;

std::string text_of(const simdjson::dom::object& object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string decoded(std::string body, const simdjson::dom::object& object) {
  bool is_base64 = false;
  if (object["isBase64Encoded"].get(is_base64) != simdjson::SUCCESS || !is_base64) return body;
  auto bytes = base::decode_base64(body, "body of an answer");
  return bytes ? std::move(bytes).value() : std::move(body);
}

}  // namespace

Answer read_answer(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::int64_t status = 0;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS ||
      object["statusCode"].get(status) != simdjson::SUCCESS) {
    return {200, std::string(json)};
  }
  return {static_cast<int>(status), decoded(text_of(object, "body"), object)};
}

std::string read_error(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return "an error without words";
  }
  std::string words = text_of(object, "errorType") + ": " + text_of(object, "errorMessage");
  words.resize(std::min(words.size(), words.find('\n')));
  if (words.size() > kMostWords) words.replace(kMostWords, std::string::npos, "...");
  return words;
}

base::Status judge_answer(const Answer& answer, const std::string& sign) {
  if (answer.status >= 500) {
    return base::Error{
        base::ErrorKind::kInvalid,
        "expected an answer with a status below 500, got " + std::to_string(answer.status)};
  }
  if (answer.body.find(sign) != std::string::npos) return base::ok_status();
  return base::Error{base::ErrorKind::kInvalid,
                     "expected an answer with " + sign + ", got one of " +
                         std::to_string(answer.body.size()) + " bytes without it"};
}

}  // namespace phork::bench
