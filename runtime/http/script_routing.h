// SPDX-License-Identifier: MIT
//
// The PHP files of an application as a web server sees them, and the one that a request runs: what
// nginx does with `fastcgi_split_path_info` and `try_files $uri $uri/ /index.php` of Debian's
// snippets/fastcgi-php.conf. Looks at the file system; any thread; cannot fail, as the entry is
// always there to take what no other file does.
// https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_split_path_info
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/settings.h"

namespace phork::http {

// Both paths are absolute; the document root has no slash at its end.
struct ScriptRouting {
  std::string entry_file;
  std::string document_root;
  base::Route route = base::Route::kEntry;
};

// The folder of the entry becomes the document root.
ScriptRouting routing_of(const std::string& entry_file, base::Route route);

// The file that a request runs, in the words of CGI
// (https://www.rfc-editor.org/rfc/rfc3875#section-4).
struct Script {
  std::string filename;   // SCRIPT_FILENAME
  std::string name;       // SCRIPT_NAME: the path that leads to it
  std::string path_info;  // PATH_INFO: what follows in the path, decoded
};

// `path`, percent-encoded, with its escapes, empty segments and dots resolved, as nginx makes
// `$uri`; nothing when it has no place below a document root: NUL bytes, names that begin with a
// dot.
std::optional<std::string> normal_path(std::string_view path);

// `path` as the client sent it, percent-encoded. A handler runs for every path, so the route
// matters to scripts only.
Script find_script(const ScriptRouting& routing, base::EntryKind kind, std::string_view path);

}  // namespace phork::http
