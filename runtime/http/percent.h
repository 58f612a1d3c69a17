// SPDX-License-Identifier: MIT
//
// Percent-encoding for what gateways hand out decoded: it makes paths and query strings valid parts
// of a request target again, and the way back (https://www.rfc-editor.org/rfc/rfc3986). Pure; works
// on bytes, so that any encoding of text, and NUL, survives.
#pragma once

#include <string>
#include <string_view>

namespace phork::http {

// A path that begins with '/'. An escape that is there already is kept: some gateways decode the
// path and some do not, and the event does not tell which did. A path that was decoded and holds
// what looks like an escape (sent as `%2525`) therefore loses one level of escaping.
std::string encode_path(std::string_view path);

// %XX decoded; malformed escapes stay as they are. `plus_is_space` for query strings.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

// A name or value of a query that was decoded: all but unreserved characters is escaped, '%', '+'
// and '&' too. Only `[` and `]` stay, as browsers send them and PHP reads them.
std::string encode_query_text(std::string_view decoded);

// A name or value that may be decoded or not: escapes and legal characters are kept.
std::string repair_query_text(std::string_view text);

}  // namespace phork::http
