// SPDX-License-Identifier: MIT
#include <utility>

#include "emulator/observe/log_lines.h"
#include "emulator/observe/request_format.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;

JsonWriter begin(std::string_view type) {
  JsonWriter json;
  json.begin_object().field("time", now_text()).field("type", type);
  return json;
}

std::string end(JsonWriter json) {
  json.end_object();
  return std::move(json).text();
}

void write_record(JsonWriter& json, const LogRecord& record) {
  if (!record.level.empty()) json.field("level", record.level);
  json.field("message", record.text);
  if (record.file.empty()) return;
  json.field("file", record.file).key("line").integer(record.line);
}

void write_request(JsonWriter& json, const RequestView& view) {
  if (!view.request_id.empty()) json.field("request_id", view.request_id);
  if (!view.method.empty()) json.field("method", view.method).field("path", view.path);
  if (view.status > 0) json.key("status").integer(view.status);
  if (!view.by.empty()) json.field("by", view.by);
}

void write_records(JsonWriter& json, const RequestView& view) {
  json.key("log").begin_array();
  for (const LogRecord& record : view.records) {
    json.begin_object();
    write_record(json, record);
    json.end_object();
  }
  json.end_array();
}

class JsonFormat final : public RequestFormat {
 public:
  std::string request(const RequestView& view) const override {
    JsonWriter json = begin("request");
    write_request(json, view);
    json.key("took_us").integer(view.took.count());
    if (view.billed_ms) json.key("billed_ms").integer(*view.billed_ms);
    if (view.init) json.key("init_us").integer(view.init->count());
    if (!view.error_type.empty()) json.field("error_type", view.error_type);
    write_records(json, view);
    return end(std::move(json));
  }

  std::string unfinished(const RequestView& view) const override {
    JsonWriter json = begin("unfinished");
    write_request(json, view);
    write_records(json, view);
    return end(std::move(json));
  }

  std::string record(const LogRecord& record) const override {
    JsonWriter json = begin("log");
    if (!record.request_id.empty()) json.field("request_id", record.request_id);
    write_record(json, record);
    return end(std::move(json));
  }
};

}  // namespace

std::unique_ptr<const RequestFormat> json_format() {
  return std::make_unique<JsonFormat>();
}

std::string json_message(std::string_view text) {
  JsonWriter json = begin("message");
  json.field("message", text);
  return end(std::move(json));
}

}  // namespace phork::emulator
