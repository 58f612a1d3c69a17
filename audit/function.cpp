// SPDX-License-Identifier: MIT
#include "audit/function.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "emulator/environments/environment.h"
#include "runtime/base/php_folder.h"
#include "runtime/process/spawn.h"

namespace phork::audit {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// The probe answers within milliseconds; an event that takes this long hangs.
constexpr std::chrono::seconds kProbeTimeout{10};

// Settings of the user's entry, which would boot or rehearse the wrong code in the probe.
constexpr std::array<std::string_view, 7> kEntrySettings = {
    "PHORK_ENTRY=",  "PHORK_PREBOOT=",      "PHORK_ROUTE=",      "PHORK_RESPONSE=",
    "PHORK_WARMUP=", "PHORK_AUDIT_RECORD=", "PHORK_AUDIT_PROBE="};

// Messages of the platform begin with the request id, which differs in every event.
std::string_view without_request_id(std::string_view message) {
  constexpr std::string_view kBegin = "RequestId: ";
  constexpr std::string_view kEnd = " Error: ";
  if (!message.starts_with(kBegin)) return message;
  const std::size_t end = message.find(kEnd);
  return end == std::string_view::npos ? message : message.substr(end + kEnd.size());
}

}  // namespace

bool names_probe(std::string_view entry_text) {
  return entry_text.find("Phork\\Audit\\Probe") != std::string_view::npos ||
         entry_text.find("audit/probe/index.php") != std::string_view::npos;
}

std::string probe_file(const std::string& program) {
  return base::probe_folder(program) + "/index.php";
}

emulator::FunctionConfig probe_function(emulator::FunctionConfig user, const std::string& file) {
  const std::filesystem::path path(file);
  user.task_root = path.parent_path().string();
  user.handler = path.filename().string();
  user.name = "probe";
  user.timeout = std::min<std::chrono::milliseconds>(user.timeout, kProbeTimeout);
  std::erase_if(user.environment, [](const std::string& variable) {
    return std::ranges::any_of(kEntrySettings,
                               [&](std::string_view name) { return variable.starts_with(name); });
  });
  return user;
}

emulator::FunctionConfig under_strategy(emulator::FunctionConfig config, const std::string& name) {
  process::set_variable(config.environment, "PHORK_STRATEGY", name);
  return config;
}

Result<std::string> read_result(const emulator::EventResult& result) {
  if (result.answered()) return result.body;
  if (result.error_type == emulator::kStoppedType) return Error{ErrorKind::kStopped, "stopped"};
  const emulator::ErrorFields fields = emulator::read_error_json(result.body);
  std::string text = fields.type.empty() ? result.error_type : fields.type;
  if (!fields.message.empty()) text.append(": ").append(without_request_id(fields.message));
  const bool late = result.ending == emulator::Ending::kTimedOut;
  return Error{late ? ErrorKind::kTimeout : ErrorKind::kRefused, std::move(text)};
}

Result<std::string> ask(emulator::LocalLambda& lambda, const std::string& event) {
  emulator::Event sent;
  sent.payload = event;
  return read_result(lambda.invoke(std::move(sent)));
}

}  // namespace phork::audit
