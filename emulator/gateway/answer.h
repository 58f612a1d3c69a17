// SPDX-License-Identifier: MIT
//
// What the payload formats have in common on the way out: the parts of an answer, and the headers
// that never pass a front door. Each reader says false when a part is there but is not what the
// formats allow; a part that is absent or null is empty. No state but one JSON parser per thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "emulator/event/event.h"
#include "emulator/http/message.h"

namespace phork::emulator {

using Headers = std::vector<event::NameValue>;

// Empty when the function failed or what it gave is no JSON. Good until the thread's next call.
std::optional<simdjson::dom::element> parse_answer(const EventResult& result);

// The same, when it is an object that has `statusCode`.
std::optional<simdjson::dom::object> parse_http_answer(const EventResult& result);

// 200 to 599, a number. 1xx would announce a further response that never comes.
bool read_status(const simdjson::dom::object& answer, HttpReply& reply);

// A map of texts, or of lists of texts. Names become lower case; what belongs to the connection,
// and the length, which is counted anew, is left out.
bool read_header_texts(const simdjson::dom::object& answer, std::string_view map, Headers& headers);
bool read_header_lists(const simdjson::dom::object& answer, std::string_view map, Headers& headers);

bool read_body(const simdjson::dom::object& answer, HttpReply& reply);

bool has_header(const Headers& headers, std::string_view lower_name);

// API Gateway names a type where the function did not.
void add_default_type(Headers& headers);

// Meant for one connection only, so never part of an event or of an answer.
bool is_hop_by_hop(std::string_view lower_name);

}  // namespace phork::emulator
