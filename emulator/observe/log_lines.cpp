// SPDX-License-Identifier: MIT
#include "emulator/observe/log_lines.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "emulator/observe/platform_json.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

constexpr std::string_view kFormat = "AWS_LAMBDA_LOG_FORMAT=";

std::string decimals(Microseconds duration) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                std::chrono::duration<double, std::milli>(duration).count());
  return text.data();
}

std::string status_fields(std::string_view error_type) {
  if (error_type.empty()) return {};
  std::string fields = "\tStatus: " + std::string(status_of(error_type));
  if (error_type != kTimedOutType) fields.append("\tError Type: ").append(error_type);
  return fields;
}

// The value of `name` in "Root=1-..;Parent=..;Sampled=1".
std::string_view trace_field(std::string_view trace_id, std::string_view name) {
  while (!trace_id.empty()) {
    const std::size_t end = trace_id.find(';');
    const std::string_view field = trace_id.substr(0, end);
    if (field.starts_with(name) && field.substr(name.size()).starts_with('=')) {
      return field.substr(name.size() + 1);
    }
    trace_id.remove_prefix(end == std::string_view::npos ? trace_id.size() : end + 1);
  }
  return {};
}

// The Parent that the runtime gets is the function's own segment.
std::string xray_line(std::string_view trace_id) {
  if (!is_sampled(trace_id)) return {};
  std::string line = "\nXRAY TraceId: ";
  line.append(trace_field(trace_id, "Root"));
  line.append("\tSegmentId: ").append(trace_field(trace_id, "Parent"));
  return line += "\tSampled: true";
}

// "INVOKE,SHUTDOWN"
std::string listed(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list.append(list.empty() ? "" : ",").append(text);
  return list;
}

// Lambda bills a restore that has run code of the function; here that is all that is measured.
std::string start_fields(const StartTimes& start) {
  if (start.restore) {
    return "\tRestore Duration: " + decimals(*start.restore) +
           " ms\tBilled Restore Duration: " + std::to_string(billed_ms(*start.restore, {})) + " ms";
  }
  return start.init ? "\tInit Duration: " + decimals(*start.init) + " ms" : "";
}

class TextLines final : public LogLines {
 public:
  explicit TextLines(const FunctionConfig& config) : config_(config) {}

  std::string init_start() const override {
    return "INIT_START Runtime Version: phork " PHORK_VERSION;
  }

  std::string restore_start() const override {
    return "RESTORE_START Runtime Version: phork " PHORK_VERSION;
  }

  std::string init_report(InitPhase phase, Microseconds duration,
                          std::string_view error_type) const override {
    if (phase == InitPhase::kRestore) {
      return "RESTORE_REPORT Restore Duration: " + decimals(duration) + " ms" +
             status_fields(error_type);
    }
    return "INIT_REPORT Init Duration: " + decimals(duration) +
           " ms\tPhase: " + (phase == InitPhase::kInit ? "init" : "invoke") +
           status_fields(error_type);
  }

  std::string start(std::string_view request_id) const override {
    return "START RequestId: " + std::string(request_id) + " Version: $LATEST";
  }

  std::vector<std::string> end(const EventRecord& record) const override {
    std::vector<std::string> lines;
    if (record.error_type == kTimedOutType) {
      lines.push_back(now_text() + ' ' + record.request_id + ' ' +
                      timed_out_message(config_.timeout));
    } else if (!record.failure.empty()) {
      lines.push_back(error(record.request_id, record.failure) + '\n' + record.error_type);
    }
    lines.push_back("END RequestId: " + record.request_id);
    return lines;
  }

  // A sampled event gets a second line, for X-Ray.
  std::string report(const EventRecord& record, const ReportFacts& facts) const override {
    std::string line = "REPORT RequestId: " + record.request_id;
    line += "\tDuration: " + decimals(record.billed) + " ms";
    line += "\tBilled Duration: " + std::to_string(billed_ms(record.billed, facts.start.billed())) +
            " ms";
    line += "\tMemory Size: " + std::to_string(facts.memory_size_mb) + " MB";
    line += "\tMax Memory Used: " + std::to_string(facts.max_memory_used_mb()) + " MB";
    line += start_fields(facts.start);
    return line + status_fields(record.error_type) + xray_line(record.trace_id);
  }

  std::string error(std::string_view request_id, std::string_view message) const override {
    return platform_message(request_id, message);
  }

  std::string extension(const ExtensionFacts& facts) const override {
    std::string line = "EXTENSION\tName: " + facts.name + "\tState: " + facts.state;
    line += "\tEvents: [" + listed(facts.events) + "]";
    return facts.error_type.empty() ? line : line + "\tError Type: " + facts.error_type;
  }

  std::string subscription(std::string_view api, std::string_view extension,
                           const std::vector<std::string>& types) const override {
    std::string line(api == kLogsApi ? "LOGS" : "TELEMETRY");
    line.append("\tName: ").append(extension).append("\tState: Subscribed\tTypes: [");
    return line + listed(types) + "]";
  }

 private:
  const FunctionConfig& config_;
};

}  // namespace

bool wants_json(const FunctionConfig& config) {
  const auto found = std::ranges::find_if(
      config.environment, [](const std::string& entry) { return entry.starts_with(kFormat); });
  return found != config.environment.end() &&
         base::equal_in_any_case(std::string_view(*found).substr(kFormat.size()), "json");
}

std::unique_ptr<const LogLines> make_log_lines(const FunctionConfig& config) {
  if (wants_json(config)) return std::make_unique<PlatformJson>(config);
  return std::make_unique<TextLines>(config);
}

std::string_view status_of(std::string_view error_type) {
  if (error_type.empty()) return "success";
  return error_type == kTimedOutType ? "timeout" : "error";
}

std::string timed_out_message(std::chrono::milliseconds timeout) {
  std::array<char, 60> text{};
  std::snprintf(text.data(), text.size(), "Task timed out after %.2f seconds",
                std::chrono::duration<double>(timeout).count());
  return text.data();
}

std::string exit_message(const process::ExitStatus& status) {
  if (status.clean()) return "Runtime exited without providing a reason";
  if (status.kind == process::ExitStatus::Kind::kExited) {
    return "Runtime exited with error: exit status " + std::to_string(status.code);
  }
  const char* name = ::sigdescr_np(status.code);
  return "Runtime exited with error: signal: " +
         (name != nullptr ? base::lower_case(name) : std::to_string(status.code));
}

bool is_sampled(std::string_view trace_id) {
  return trace_field(trace_id, "Sampled") == "1";
}

std::string now_text() {
  using namespace std::chrono;
  const auto now = time_point_cast<milliseconds>(system_clock::now());
  const std::time_t seconds = system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ",
                static_cast<int>(now.time_since_epoch().count() % 1000));
  return text.data();
}

}  // namespace phork::emulator
