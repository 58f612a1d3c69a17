// SPDX-License-Identifier: MIT
//
// The static files of an application, as a web server in front of it finds them: those below a
// folder, by the paths of requests. Never hands out a file with a dot in front of a name of its
// path, PHP, or anything outside of the folder, by whatever escapes, dots or symbolic links.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <variant>

#include "runtime/base/fd.h"

namespace phork::emulator {

struct DocumentRoot {
  std::string folder;  // absolute; may vanish and come back
  std::string name;    // for messages, such as "public/"
  // Made for pages, so that every file in it may be handed out. Others also hold an application's
  // own files: only those of a known media type are handed out, and no JSON beside the entry, where
  // tools keep settings and passwords (composer.json, auth.json).
  bool for_pages = true;
};

// A file to hand out, open for reading.
struct FoundFile {
  base::Fd file;

  struct stat status {};

  std::string_view type;  // Content-Type
};

// A folder with an index file, asked for without the slash at its end.
struct FoundFolder {
  std::string path;  // with it, percent-encoded
};

// The path can have no file, or has one that must not be handed out.
struct NoSuchFile {
  std::string reason;  // names nothing that the request does not name
};

// The path belongs to the function.
struct NoAsset {
  bool root_is_missing = false;
};

using Lookup = std::variant<NoAsset, FoundFile, FoundFolder, NoSuchFile>;

// `path` as the client sent it, percent-encoded. A folder is its index.html, unless it has an
// index.php, which is the function's.
Lookup find_asset(const DocumentRoot& root, std::string_view path);

}  // namespace phork::emulator
