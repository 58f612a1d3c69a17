// SPDX-License-Identifier: MIT
#include "bench/subjects/subject.h"

#include <algorithm>

#include <simdjson.h>

#include "bench/subjects/cgi_subject.h"
#include "bench/subjects/runtime_subject.h"
#include "bench/subjects/web_server.h"
#include "emulator/environments/init_record.h"
#include "runtime/base/base64.h"

namespace phork::bench {
namespace {

// Keeps the text of an error on one line of a terminal.
constexpr std::size_t kMaxErrorBytes = 200;

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

bool is_server(SubjectKind kind) {
  return kind == SubjectKind::kNginxFpm || kind == SubjectKind::kPhpServer;
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

std::optional<std::int64_t> number_in(const Answer& answer, const char* name) {
  simdjson::dom::parser parser;
  std::int64_t number = 0;
  if (parser.parse(answer.body)[name].get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

std::string read_error(std::string_view json) {
  const emulator::ErrorFields fields = emulator::read_error_json(json);
  if (fields.type.empty() && fields.message.empty()) return "an error without a message";
  std::string text = fields.type + ": " + fields.message;
  text.resize(std::min(text.size(), text.find('\n')));
  if (text.size() > kMaxErrorBytes) text.replace(kMaxErrorBytes, std::string::npos, "...");
  return text;
}

base::Status check_answer(const Answer& answer, const std::string& expected_text) {
  if (answer.status >= 500) {
    return base::Error{
        base::ErrorKind::kInvalid,
        "expected an answer with a status below 500, got " + std::to_string(answer.status)};
  }
  if (answer.body.find(expected_text) != std::string::npos) return base::ok_status();
  return base::Error{base::ErrorKind::kInvalid,
                     "expected an answer that contains '" + expected_text + "', got " +
                         std::to_string(answer.body.size()) + " bytes without it"};
}

std::unique_ptr<Subject> make_subject(const Launch& launch) {
  if (is_server(launch.kind)) {
    return std::make_unique<HttpSubject>(launch.workload, std::make_unique<WebServer>(launch));
  }
  if (launch.kind == SubjectKind::kPhpCgi) return std::make_unique<CgiSubject>(launch);
  return std::make_unique<RuntimeSubject>(launch);
}

std::vector<std::unique_ptr<Subject>> make_fleet(const Launch& launch, unsigned count) {
  std::vector<std::unique_ptr<Subject>> fleet;
  if (!is_server(launch.kind)) {
    for (unsigned i = 0; i < count; ++i) fleet.push_back(make_subject(launch));
    return fleet;
  }
  auto server = std::make_unique<WebServer>(launch, count);
  WebServer& shared = *server;
  fleet.push_back(std::make_unique<HttpSubject>(launch.workload, std::move(server)));
  for (unsigned i = 1; i < count; ++i) {
    fleet.push_back(std::make_unique<HttpSubject>(launch.workload, shared));
  }
  return fleet;
}

}  // namespace phork::bench
