// SPDX-License-Identifier: MIT
#include "runtime/slot/report.h"

#include <utility>
#include <vector>

#include "runtime/slot/field_codec.h"

namespace phork::slot {
namespace {

enum class Kind : std::uint8_t { kLog = 1, kCost, kTurn, kReady, kBoot, kStream };

FieldWriter begin(Kind kind) {
  FieldWriter writer;
  writer.number(static_cast<std::uint8_t>(kind));
  return writer;
}

base::Result<Report> finish(const FieldReader& reader, Report report) {
  if (auto finished = reader.finish(); !finished) return std::move(finished).error();
  return report;
}

base::Result<Report> read_log(FieldReader& reader) {
  LogReport report;
  const auto level = reader.number<std::uint8_t>("level");
  report.request_id = reader.text("request id");
  report.tenant_id = reader.text("tenant id");
  report.text = reader.text("text");
  if (reader.number<std::uint8_t>("failure") != 0) report.failure = reader.failure();
  if (auto finished = reader.finish(); !finished) return std::move(finished).error();
  if (level > static_cast<std::uint8_t>(base::LogLevel::kFatal)) {
    return base::Error{base::ErrorKind::kInvalid,
                       "slot: read report: expected a log level, got " + std::to_string(level)};
  }
  report.level = static_cast<base::LogLevel>(level);
  return Report(std::move(report));
}

base::Result<Report> read_cost(FieldReader& reader) {
  CostReport report;
  report.request_id = reader.text("request id");
  report.latency = std::chrono::microseconds(reader.number<std::uint32_t>("latency"));
  report.minor_faults = reader.number<std::uint32_t>("minor faults");
  report.php_us = reader.number<std::uint64_t>("php us");
  report.generation = reader.number<std::uint32_t>("generation");
  report.ready_us = reader.number<std::uint64_t>("ready us");
  report.trace = reader.text("trace");
  report.asked_us = reader.number<std::uint64_t>("asked us");
  report.taken_us = reader.number<std::uint64_t>("taken us");
  report.failed = reader.number<std::uint8_t>("failed") != 0;
  return finish(reader, std::move(report));
}

}  // namespace

std::string encode(const base::LogRecord& record) {
  FieldWriter writer = begin(Kind::kLog);
  writer.number(static_cast<std::uint8_t>(record.level))
      .text(record.request_id)
      .text(record.tenant_id)
      .text(shortened(record.text))
      .number(static_cast<std::uint8_t>(record.failure != nullptr));
  if (record.failure != nullptr) writer.failure(*record.failure);
  return std::move(writer).take();
}

std::string encode(const CostReport& report) {
  FieldWriter writer = begin(Kind::kCost);
  writer.text(report.request_id)
      .number(static_cast<std::uint32_t>(report.latency.count()))
      .number(report.minor_faults)
      .number(report.php_us)
      .number(report.generation)
      .number(report.ready_us)
      .text(report.trace)
      .number(report.asked_us)
      .number(report.taken_us)
      .number(static_cast<std::uint8_t>(report.failed));
  return std::move(writer).take();
}

std::string encode(TurnReport /*report*/) {
  return begin(Kind::kTurn).take();
}

std::string encode(ReadyReport /*report*/) {
  return begin(Kind::kReady).take();
}

std::string encode(StreamReport /*report*/) {
  return begin(Kind::kStream).take();
}

std::string encode(const BootReport& report) {
  FieldWriter writer = begin(Kind::kBoot);
  writer.failure(report.failure);
  return std::move(writer).take();
}

base::Result<Report> decode_report(std::string_view bytes) {
  FieldReader reader("report", bytes);
  const auto kind = reader.number<std::uint8_t>("kind");
  switch (static_cast<Kind>(kind)) {
    case Kind::kLog:
      return read_log(reader);
    case Kind::kCost:
      return read_cost(reader);
    case Kind::kTurn:
      return finish(reader, TurnReport{});
    case Kind::kReady:
      return finish(reader, ReadyReport{});
    case Kind::kStream:
      return finish(reader, StreamReport{});
    case Kind::kBoot: {
      event::Failure failure = reader.failure();
      return finish(reader, BootReport{std::move(failure)});
    }
  }
  return base::Error{
      base::ErrorKind::kInvalid,
      "slot: read report: expected a report of kind 1 to 6, got kind " + std::to_string(kind)};
}

}  // namespace phork::slot
