// SPDX-License-Identifier: MIT
//
// Reads the head of a request, strictly: where two readers of one connection could disagree about
// the end of a message or the host that it is for, the message is refused and the connection ends.
// Pure. https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "emulator/http/message.h"

namespace phork::emulator {

struct HeadRefusal {
  int status = 400;  // 501: a transfer coding we do not have; 505: another version of HTTP
  std::string reason;
};

using HeadOrRefusal = std::variant<HttpRequest, HeadRefusal>;

// The request line and header lines up to and with the empty line. The target of the result is a
// path with a query, or "*": an absolute target has become that, and its host the header Host.
HeadOrRefusal parse_request_head(std::string_view head);

}  // namespace phork::emulator
