// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include <simdjson.h>

#include "emulator/observe/request_format.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

// https://en.wikipedia.org/wiki/ANSI_escape_code#Colors
constexpr std::string_view kRed = "31";
constexpr std::string_view kGreen = "32";
constexpr std::string_view kYellow = "33";
constexpr std::string_view kCyan = "36";
constexpr std::string_view kFaint = "2";

std::string escaped(unsigned char byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\x%02x", byte);
  return text.data();
}

// The text without anything that could move the cursor or change colours: a client chooses paths,
// and functions log what clients send. UTF-8 stays, its C1 controls (C2 80 to C2 9F) do not.
std::string visible(std::string_view text) {
  const bool utf8 = simdjson::validate_utf8(text.data(), text.size());
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool starts_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    const bool control = (byte < ' ' && byte != '\t' && byte != '\n') || byte == 0x7f;
    if (control || starts_c1 || (byte >= 0x80 && !utf8)) {
      shown += escaped(byte);
      if (starts_c1 && utf8) shown += escaped(static_cast<unsigned char>(text[++i]));
    } else {
      shown.push_back(text[i]);
    }
  }
  return shown;
}

std::string ms(Microseconds time) {
  constexpr double kWhole = 10;  // from here on no decimals
  const double value = std::chrono::duration<double, std::milli>(time).count();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), value < kWhole ? "%.1f" : "%.0f", value);
  return text.data();
}

std::string_view colour_of_status(int status) {
  if (status >= 500) return kRed;
  if (status >= 400) return kYellow;
  return status >= 300 ? kCyan : kGreen;
}

std::string_view colour_of_level(std::string_view level) {
  if (level == "ERROR" || level == "FATAL") return kRed;
  if (level == "WARN") return kYellow;
  return level == "DEBUG" || level == "TRACE" ? kFaint : "";
}

// The word in front of a record: PHP's own, else the level if that is not the usual one.
std::string label_of(const LogRecord& record) {
  constexpr std::string_view kPhp = "PHP ";
  if (record.text.starts_with(kPhp) || record.level.empty() || record.level == "INFO") return {};
  return base::lower_case(record.level == "WARN" ? "warning" : record.level) + ": ";
}

class TextFormat final : public RequestFormat {
 public:
  TextFormat(std::string root, bool coloured) : root_(std::move(root)), coloured_(coloured) {}

  std::string request(const RequestView& view) const override {
    std::string line = head(view);
    const std::string status = view.status > 0 ? std::to_string(view.status)
                               : view.failed() ? "error"
                                               : "ok";
    line += ' ' + paint(status, view.failed() ? kRed : colour_of_status(view.status));
    line += ' ' + ms(view.took) + " ms";
    if (const std::string note = note_of(view); !note.empty()) {
      line += ' ' + paint("(" + note + ")", kFaint);
    }
    if (!view.error_type.empty()) line += ' ' + paint(visible(view.error_type), kRed);
    return line + records(view);
  }

  std::string unfinished(const RequestView& view) const override {
    return head(view) + ' ' + paint("under way", kFaint) + records(view);
  }

  std::string record(const LogRecord& record) const override { return text_of(record, ""); }

 private:
  std::string paint(const std::string& text, std::string_view colour) const {
    if (!coloured_ || colour.empty()) return text;
    return "\033[" + std::string(colour) + 'm' + text + "\033[0m";
  }

  static std::string head(const RequestView& view) {
    return view.method.empty() ? "event " + visible(view.request_id)
                               : visible(view.method) + ' ' + visible(view.path);
  }

  // "13 billed, 118 init"
  static std::string note_of(const RequestView& view) {
    std::string note = view.by;
    if (view.billed_ms) note += std::to_string(*view.billed_ms) + " billed";
    if (view.init) note += ", " + ms(*view.init) + " init";
    return note;
  }

  std::string records(const RequestView& view) const {
    std::string text;
    for (const LogRecord& record : view.records) text += '\n' + text_of(record, "  ");
    return text;
  }

  // Further lines of the record are indented below its first.
  std::string text_of(const LogRecord& record, const std::string& indent) const {
    std::string text = record.text;
    while (text.ends_with('\n')) text.pop_back();
    std::string shown = label_of(record) + visible(text);
    const std::string place = place_of(record);
    const std::size_t end = std::min(shown.find('\n'), shown.size());
    if (!place.empty()) shown.insert(end, " at " + place);
    std::string lines;
    for (std::string_view rest = shown; true; rest.remove_prefix(1)) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      lines += indent + paint(std::string(line), colour_of_level(record.level));
      rest.remove_prefix(line.size());
      if (rest.empty()) return lines;
      lines += "\n  ";
    }
  }

  // "index.php:3", which editors and terminals turn into a link.
  std::string place_of(const LogRecord& record) const {
    if (record.file.empty()) return {};
    std::string_view file = record.file;
    if (file.starts_with(root_) && file.substr(root_.size()).starts_with('/')) {
      file.remove_prefix(root_.size() + 1);
    }
    return visible(file) + ':' + std::to_string(record.line);
  }

  const std::string root_;
  const bool coloured_;
};

}  // namespace

std::unique_ptr<const RequestFormat> text_format(std::string root, bool coloured) {
  return std::make_unique<TextFormat>(std::move(root), coloured);
}

}  // namespace phork::emulator
