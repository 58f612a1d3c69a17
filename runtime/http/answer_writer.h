// SPDX-License-Identifier: MIT
//
// A response becomes the JSON that the front door of an event expects. Pure; any thread; cannot
// fail: what cannot be said is left out.
//
// - A header whose name is no token, or whose value holds CR, LF or NUL, is dropped: it could only
//   forge another one.
// - Repeated headers survive where the shape has a place for them (v1, ALB with lists). Elsewhere
//   their values are joined by ", " if the header is a list, else the last one counts; v2 has
//   `cookies` for Set-Cookie, ALB without lists and Lattice can carry but the last.
// - The body is text if it says so (or says nothing), is not encoded and is UTF-8; all else is
//   base64. Statuses that have no body (1xx, 204, 304) get none.
#pragma once

#include <string>

#include "runtime/http/message.h"

namespace phork::http {

// JSON for `/response`. Each byte of the body is copied once, escaped or encoded into place: room
// for all of the answer is made before the first byte is written.
std::string write_answer(const Response& response, EventShape shape);

// The same without a body, as it goes before one that is streamed: only function URLs and API
// Gateway take those, and REST APIs alone look at lists of values.
std::string write_prelude(const Response& response, EventShape shape);

// Whether a response of this status has a body.
bool has_body(std::uint16_t status);

}  // namespace phork::http
