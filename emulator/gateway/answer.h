// SPDX-License-Identifier: MIT
//
// Reads the parts of a function's answer for all payload formats, and names the headers that no
// gateway passes on. A read function returns false when a part has a form that no format allows; an
// absent or null part reads as empty. No state but one JSON parser per thread.
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

// nullopt when the function failed or did not answer with JSON. Valid until the thread's next call.
std::optional<simdjson::dom::element> parse_answer(const EventResult& result);

// The same, for an object with a `statusCode`; nullopt for any other JSON.
std::optional<simdjson::dom::object> parse_http_answer(const EventResult& result);

// A number from 200 to 599: after a 1xx the client would wait for a further response.
bool read_status(const simdjson::dom::object& answer, HttpReply& reply);

// Appends the headers in a map of texts, or of lists of texts, with names in lower case. Leaves out
// headers of the connection, and Content-Length, which the server computes.
bool read_header_texts(const simdjson::dom::object& answer, std::string_view map, Headers& headers);
bool read_header_lists(const simdjson::dom::object& answer, std::string_view map, Headers& headers);

// Appends a `set-cookie` header for each text in the list `cookies`.
bool read_cookies(const simdjson::dom::object& answer, Headers& headers);

// Appends the headers of `more` that are new: one in both maps of an answer is sent once.
void add_missing(Headers& headers, Headers more);

bool read_body(const simdjson::dom::object& answer, HttpReply& reply);

bool has_header(const Headers& headers, std::string_view lower_name);

// Adds the Content-Type that API Gateway sends when the function did not set one.
void add_default_type(Headers& headers);

// True if the header is for one connection only, so never part of an event or answer.
bool is_hop_by_hop(std::string_view lower_name);

}  // namespace phork::emulator
