// SPDX-License-Identifier: MIT
#include "bench/report/recorded_ratios.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "bench/figures/append_format.h"
#include "runtime/base/json_writer.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<RecordedRatios> read_document(const simdjson::dom::element& document,
                                     const std::string& source) {
  const auto invalid = [&source](const std::string& expected) {
    return Error{ErrorKind::kInvalid, "bench: read recorded ratios '" + source + "': " + expected};
  };
  RecordedRatios recorded;
  std::string_view date;
  std::string_view machine;
  simdjson::dom::object ratios;
  if (document["date"].get(date) != simdjson::SUCCESS ||
      document["machine"].get(machine) != simdjson::SUCCESS ||
      document["ratios"].get(ratios) != simdjson::SUCCESS) {
    return invalid("expected an object with date, machine and ratios");
  }
  recorded.date = date;
  recorded.machine = machine;
  for (const auto [name, value] : ratios) {
    double ratio = 0;
    if (value.get(ratio) != simdjson::SUCCESS || ratio <= 0) {
      return invalid("ratio '" + std::string(name) + "': expected a number above 0");
    }
    recorded.ratios.push_back({std::string(name), ratio, {}});
  }
  return recorded;
}

Finding compare_one(const NamedRatio& measured, const RecordedRatios& recorded) {
  Finding finding{.target = measured.name, .unit = "x"};
  const auto found = std::ranges::find(recorded.ratios, measured.name, &NamedRatio::name);
  if (found == recorded.ratios.end()) {
    append_format(finding.note, "%.2f, and no ratio recorded to compare with", measured.ratio);
    return finding;
  }
  finding.limit = found->ratio * kRecordedSlack;
  finding.measured = measured.interval.low;
  append_format(finding.note, "%.2f, 95 %%: %.2f-%.2f; recorded %.2f", measured.ratio,
                measured.interval.low, measured.interval.high, found->ratio);
  return finding;
}

}  // namespace

Result<RecordedRatios> read_recorded_ratios(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (const auto code = parser.load(path).get(document); code != simdjson::SUCCESS) {
    return Error{code == simdjson::IO_ERROR ? ErrorKind::kSystem : ErrorKind::kInvalid,
                 "bench: read recorded ratios '" + path + "': " + simdjson::error_message(code)};
  }
  return read_document(document, path);
}

Result<RecordedRatios> parse_recorded_ratios(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  const auto code = parser.parse(json.data(), json.size()).get(document);
  if (code != simdjson::SUCCESS) {
    return Error{ErrorKind::kInvalid,
                 std::string("bench: parse recorded ratios: ") + simdjson::error_message(code)};
  }
  return read_document(document, "text");
}

// A line for each ratio, for those who read what a change did to them.
std::string to_json(const RecordedRatios& recorded) {
  const auto quoted = [](std::string_view text) {
    return std::move(base::JsonWriter().string(text)).text();
  };
  std::string json = "{\n  \"date\": " + quoted(recorded.date) +
                     ",\n  \"machine\": " + quoted(recorded.machine) + ",\n  \"ratios\": {";
  const char* separator = "\n";
  for (const NamedRatio& each : recorded.ratios) {
    append_format(json, "%s    %s: %.3f", std::exchange(separator, ",\n"),
                  quoted(each.name).c_str(), each.ratio);
  }
  return json + "\n  }\n}";
}

std::vector<Finding> compare_with_recorded(const std::vector<NamedRatio>& measured,
                                           const RecordedRatios& recorded) {
  std::vector<Finding> findings;
  findings.reserve(measured.size());
  for (const NamedRatio& each : measured) findings.push_back(compare_one(each, recorded));
  return findings;
}

}  // namespace phork::bench
