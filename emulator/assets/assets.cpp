// SPDX-License-Identifier: MIT
#include "emulator/assets/assets.h"

#include <variant>

#include "emulator/assets/file_reply.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

HttpReply not_found(const std::string& reason) {
  base::JsonWriter json;
  json.begin_object().field("message", "Not Found: " + reason).end_object();
  return {404, {{"content-type", "application/json"}}, std::move(json).text()};
}

int send_file(const FoundFile& found, const HttpRequest& request, HttpConnection& connection) {
  const FileFacts facts{static_cast<std::uint64_t>(found.status.st_size), found.status.st_mtim,
                        found.type};
  const FileReply reply = reply_to(request, facts);
  connection.send_file(reply.head, found.file.get(), reply.offset, reply.length);
  return reply.head.status;
}

}  // namespace

void Assets::tell_once(std::atomic<bool>& told, const std::string& line) const {
  if (!told.exchange(true)) log_(line);
}

std::optional<int> Assets::serve(const HttpRequest& request, HttpConnection& connection) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const Lookup found = find_asset(root_, request.raw_path());
  if (const auto* none = std::get_if<NoAsset>(&found)) {
    if (none->root_is_missing) {
      tell_once(told_missing_, "assets: the document root " + root_.name +
                                   " is gone; requests for its files go to the function");
    }
    return std::nullopt;
  }
  if (const auto* refused = std::get_if<NoSuchFile>(&found)) {
    connection.send(not_found(refused->reason));
    return 404;
  }
  if (const auto* folder = std::get_if<FoundFolder>(&found)) {
    const std::string_view query = request.query();
    const std::string tail = query.empty() ? "" : "?" + std::string(query);
    connection.send({301, {{"location", folder->path + tail}}, {}});
    return 301;
  }
  tell_once(told_first_, "assets: serving files of " + root_.name +
                             ", as a CDN does on Lambda: `phork deploy --template site`, "
                             "docs/deploy.md; --no-assets leaves them to the function");
  return send_file(std::get<FoundFile>(found), request, connection);
}

}  // namespace phork::emulator
