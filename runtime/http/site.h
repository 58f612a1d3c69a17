// SPDX-License-Identifier: MIT
//
// The PHP files of an application as a web server sees them, and the one that a request runs: what
// nginx does with `fastcgi_split_path_info` and `try_files $uri $uri/ /index.php` of Debian's
// snippets/fastcgi-php.conf. Looks at the file system; any thread; cannot fail, as the entry is
// always there to take what no other file does.
// https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_split_path_info
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/event/entry_kind.h"

namespace phork::http {

// PHORK_ROUTE. kFiles also runs what lies beside the entry, such as all of `vendor/` where that is
// below the document root; therefore it has to be asked for.
enum class Route : std::uint8_t { kEntry, kFiles };

// "entry" (or "") and "files"; nothing for any other word.
std::optional<Route> parse_route(std::string_view word);

// Both paths are absolute; the document root is without a slash at its end.
struct Site {
  std::string entry_file;
  std::string document_root;
  Route route = Route::kEntry;
};

// The site of an entry: its folder is the document root.
Site site_of(const std::string& entry_file, Route route);

// What is run for a request, in the words of CGI
// (https://www.rfc-editor.org/rfc/rfc3875#section-4).
struct Script {
  std::string filename;   // SCRIPT_FILENAME
  std::string name;       // SCRIPT_NAME: the path that leads to it
  std::string path_info;  // PATH_INFO: what follows in the path, decoded
};

// `path` as the client sent it, percent-encoded. A handler is what runs wherever the path leads, so
// that the route matters to scripts alone.
Script find_script(const Site& site, event::EntryKind kind, std::string_view path);

}  // namespace phork::http
