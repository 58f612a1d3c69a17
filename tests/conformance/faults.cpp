// SPDX-License-Identifier: MIT
#include "tests/conformance/faults.h"

#include <array>

#include "runtime/base/settings.h"
#include "tests/support/json.h"

namespace phork::conformance {
namespace {

constexpr Excuse kOwnChildren = "PHP code has to wait for the children that it forks";
constexpr Excuse kOwnPrograms = "background programs belong to the function";

constexpr std::array kFaults{
    Fault{"exit 0", "", "Runtime.HandlerExited", "exit(0)", "", false, "exit()"},
    Fault{"exit 3", "", "Runtime.HandlerExited", "exit(3)", "", false, "exit()"},
    Fault{"exception", "", "DomainException", "thrown on purpose: Zoë 💥", ""},
    Fault{"type error", "", "TypeError", "strlen()", ""},
    Fault{"late parse error", "", "ParseError", "syntax error", ""},
    Fault{"undefined function", "", "Error", "no_such_function", ""},
    Fault{"fatal error", "", "Runtime.PhpFatal", "fatal on purpose", ""},
    Fault{"memory limit", "", "Runtime.PhpOutOfMemory", "Allowed memory size", ""},
    Fault{"recursion", "", "Runtime.PhpOutOfMemory", "Allowed memory size", ""},
    Fault{"SIGSEGV", "", "Runtime.WorkerKilled", "signal 11", ""},
    Fault{"SIGKILL", "", "Runtime.WorkerKilled", "signal 9", ""},
    Fault{"endless loop", "", "Function.Timeout", "deadline", "", true},
    Fault{"sleep", "", "Function.Timeout", "deadline", "", true},
    Fault{"blocking read", "", "Function.Timeout", "deadline", "", true},
    Fault{"log flood", "", "Function.Timeout", "deadline", "", true},
    Fault{"grandchild", "", "", "true", kOwnPrograms},
    Fault{"grandchild in its own session", "", "", "true", kOwnPrograms},
    Fault{"close descriptors", "", "", "true", "", false, "connection", "Runtime.WorkerLost"},
    Fault{"garbage into descriptors", "", "", "true", "", false, "that is not an answer",
          "Runtime.WorkerLost"},
    Fault{"garbage through /proc/self/fd", "", "", "true", ""},
    Fault{"close the standard streams, too", "", "", "true", "", false, "connection",
          "Runtime.WorkerLost"},
    Fault{"forged reports", "", "", "true", "", false, "that is not an answer",
          "Runtime.WorkerLost"},
    Fault{"garbage in the register", "", "", "true", ""},
    Fault{"forged turn", "", "", "true", ""},
    // Under php-fpm both copies hold the connection, and the first one to answer is heard.
    Fault{"fork and both return", "", "", R"("child":false)", kOwnChildren, false, R"("ok":true)"},
    Fault{"10,000 lines of log", "", "", "true", ""},
    Fault{"answer of 6 MB", "", "", "xxxxxxxx", ""},
    Fault{"answer over the limit", "", "Function.ResponseSizeTooLarge", "6291557 bytes", ""},
    Fault{"answer that is not UTF-8", "", "Runtime.InvalidResult", "result.text", ""},
    Fault{"all descriptors", "", "", "opened", ""},
    Fault{"event of 0 bytes", " ", "Runtime.InvalidEvent", "", ""},
    Fault{"event that is not JSON", "{\"a\":", "Runtime.InvalidEvent", "", ""},
};

}  // namespace

std::span<const Fault> all_faults() {
  return kFaults;
}

testing::RuntimeOptions fault_options(const std::string& strategy) {
  testing::RuntimeOptions options;
  options.handler = "fault.php";
  options.strategy = strategy;
  options.environment["PHP_INI_SCAN_DIR"] = ":" + testing::source_path("tests/fixtures/ini");
  if (base::is_set("PHORK_CHECK_ROLLBACK")) options.environment["PHORK_CHECK_ROLLBACK"] = "1";
  // Lambda's deadline is 10 s, so an endless event is ended after 3 s. Others need less, even on a
  // machine with ten times as much to do as it can.
  options.environment["PHORK_DEADLINE_MARGIN_MS"] = "7000";
  return options;
}

std::string event_of(const Fault& fault) {
  if (fault.name == "event of 0 bytes") return "";
  if (!fault.event.empty()) return std::string(fault.event);
  return R"({"fault":")" + std::string(fault.name) + "\"}";
}

std::string judge(const Fault& fault, const std::string& strategy,
                  const emulator::EventResult& result) {
  const bool other_text = strategy == "fpm" && !fault.fpm_text.empty();
  const std::string_view text = other_text ? fault.fpm_text : fault.text;
  const std::string shown = result.body.substr(0, 300);
  const bool other_type = strategy == "fpm" && !fault.fpm_type.empty();
  const std::string_view type = other_type ? fault.fpm_type : fault.type;
  if (type.empty()) {
    if (!result.answered()) return "expected an answer, got " + shown;
    return result.body.find(text) == std::string::npos ? "the answer is " + shown : "";
  }
  if (result.ending != emulator::Ending::kFailed) return "expected a failure, got " + shown;
  const testing::Json error(result.body);
  if (error.text("errorType") != type) return "type is " + error.text("errorType");
  if (error.text("errorMessage").find(text) == std::string::npos) {
    return "message is " + error.text("errorMessage");
  }
  return "";
}

}  // namespace phork::conformance
