// SPDX-License-Identifier: MIT
#include "strategies/fpm/log_line.h"

#include <optional>

#include "runtime/base/text.h"

namespace phork::strategies {
namespace {

using base::LogLevel;
using process::ExitStatus;

// Takes `prefix` off the front of `text`, if it is there.
bool skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool skip_time(std::string_view& text) {
  constexpr std::string_view kShape = "[20-Nov-2026 06:51:27";
  if (!text.starts_with('[') || text.size() < kShape.size()) return false;
  const std::size_t end = text.find("] ");
  if (end == std::string_view::npos || end < kShape.size()) return false;
  text.remove_prefix(end + 2);
  return true;
}

std::optional<LogLevel> take_level(std::string_view& text) {
  if (skip(text, "DEBUG: ") || skip(text, "NOTICE: ")) return LogLevel::kDebug;
  if (skip(text, "WARNING: ")) return LogLevel::kWarn;
  if (skip(text, "ERROR: ") || skip(text, "ALERT: ")) return LogLevel::kError;
  return std::nullopt;
}

// What stands between the quotes; a last line may tell that the pipe was closed with it.
std::string_view unquoted(std::string_view text) {
  constexpr std::string_view kClosed = "\", pipe is closed";
  if (text.ends_with(kClosed)) {
    text.remove_suffix(kClosed.size());
  } else if (text.ends_with('"')) {
    text.remove_suffix(1);
  }
  skip(text, "NOTICE: PHP message: ");
  return text;
}

// What a line says of a worker, from behind its process id on.
bool read_deed(std::string_view deed, FpmLine& read) {
  using Source = base::LogRecord::Source;
  const bool output = skip(deed, " said into stdout: \"");
  if (output || skip(deed, " said into stderr: \"")) {
    read.kind = FpmLine::Kind::kSaid;
    read.source = output ? Source::kPhpOutput : Source::kPhpError;
    read.text = unquoted(deed);
    return true;
  }
  const bool signalled = skip(deed, " exited on signal ");
  if (!signalled && !skip(deed, " exited with code ")) return false;
  const auto code = base::take_number<int>(deed);
  if (!code) return false;
  read.kind = FpmLine::Kind::kEnded;
  read.status = {signalled ? ExitStatus::Kind::kSignalled : ExitStatus::Kind::kExited, *code};
  return true;
}

}  // namespace

FpmLine parse_fpm_line(std::string_view line) {
  FpmLine read;
  read.text = line;
  std::string_view rest = line;
  if (!skip_time(rest)) return read;
  const auto level = take_level(rest);
  if (!level) return read;
  read.level = *level;
  read.text = rest;
  constexpr std::string_view kPool = "[pool phork] child ";
  if (!skip(rest, kPool)) return read;
  const auto pid = base::take_number<int>(rest);
  if (!pid) return read;
  read.worker = *pid;
  read_deed(rest, read);
  return read;
}

}  // namespace phork::strategies
