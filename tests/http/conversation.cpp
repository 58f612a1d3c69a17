// SPDX-License-Identifier: MIT
#include "tests/http/conversation.h"

#include <set>

namespace phork::http_suite {
namespace {

class Client {
 public:
  explicit Client(const Ask& ask) : ask_(ask) {}

  Facts send(testing::HttpCall call) {
    if (!cookies_.empty()) call.headers.push_back({"Cookie", cookie_header()});
    const emulator::HttpReply reply = ask_(call);
    for (const std::string& cookie : testing::header_values(reply.headers, "set-cookie")) {
      keep(cookie.substr(0, cookie.find(';')));
    }
    Facts facts = facts_of(reply);
    for (auto& [name, value] : facts) mask(value);
    return facts;
  }

 private:
  std::string cookie_header() const {
    std::string header;
    for (const auto& [name, value] : cookies_) {
      header.append(header.empty() ? "" : "; ").append(name).append("=").append(value);
    }
    return header;
  }

  void keep(const std::string& cookie) {
    const std::size_t equals = cookie.find('=');
    if (equals == std::string::npos) return;
    const std::string name = cookie.substr(0, equals);
    std::string value = cookie.substr(equals + 1);
    const bool is_session = name == "PHPSESSID" || name == "BASKET";
    if (is_session && value != "deleted") session_ids_.insert(value);
    if (value == "deleted") {
      cookies_.erase(name);
    } else {
      cookies_[name] = std::move(value);
    }
  }

  void mask(std::string& text) const {
    for (const std::string& id : session_ids_) {
      for (std::size_t at = 0; (at = text.find(id, at)) != std::string::npos;) {
        text.replace(at, id.size(), "session");
      }
    }
  }

  const Ask& ask_;
  std::map<std::string, std::string> cookies_;
  std::set<std::string> session_ids_;
};

}  // namespace

std::vector<Facts> converse(const HttpCase& item, const Ask& ask) {
  Client client(ask);
  std::vector<Facts> answers;
  for (const testing::HttpCall& call : item.calls) answers.push_back(client.send(call));
  return answers;
}

}  // namespace phork::http_suite
