// SPDX-License-Identifier: MIT
#include "tests/apps/browser.h"

#include <stdexcept>
#include <utility>

#include "tests/apps/form.h"

namespace phork::apps {
namespace {

constexpr std::string_view kOrigin = "https://wiki.example";
constexpr const char* kBoundary = "----browser-boundary-7d2a";
constexpr const char* kClientAddress = "127.0.0.1";

std::string encode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    const bool plain = (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
                       (code >= 'A' && code <= 'Z') || code == '-' || code == '_' || code == '.';
    if (plain) {
      encoded.push_back(byte);
    } else {
      encoded.append({'%', kDigits[code >> 4U], kDigits[code & 15U]});
    }
  }
  return encoded;
}

std::string encode(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body.append(body.empty() ? "" : "&").append(encode(name)).append("=").append(encode(value));
  }
  return body;
}

std::string multipart(const Fields& fields, const File& file) {
  std::string body;
  const auto part = [&body](const std::string& name) -> std::string& {
    body.append("--").append(kBoundary).append("\r\nContent-Disposition: form-data; name=\"");
    return body.append(name).append("\"");
  };
  for (const auto& [name, value] : fields) {
    part(name).append("\r\n\r\n").append(value).append("\r\n");
  }
  part(file.field).append("; filename=\"").append(file.name).append("\"\r\nContent-Type: ");
  body.append(file.type).append("\r\n\r\n").append(file.bytes).append("\r\n--");
  return body.append(kBoundary).append("--\r\n");
}

// Path and query of a link on the page at `shown`.
std::string resolve(std::string link, const std::string& shown) {
  link.erase(std::min(link.find('#'), link.size()));
  if (link.starts_with(kOrigin)) link.erase(0, kOrigin.size());
  if (link.empty()) return shown;
  if (link.starts_with('/')) return link;
  const std::string path = shown.substr(0, shown.find('?'));
  if (link.starts_with('?')) return path + link;
  return path.substr(0, path.rfind('/') + 1) + link;
}

Form required_form(const emulator::HttpReply& page, const std::string& mark,
                   const std::string& button, const Fields& changes) {
  auto form = find_form(page.body, mark, button);
  if (!form) {
    throw std::runtime_error("tests: find a form with '" + mark + "': the page, of status " +
                             std::to_string(page.status) + ", has none");
  }
  for (const auto& [name, value] : changes) form->fields[name] = value;
  return std::move(*form);
}

}  // namespace

void Browser::follow() {
  const auto locations = testing::header_values(page_.headers, "location");
  if (locations.size() != 1) {
    throw std::runtime_error("tests: follow a redirect: the page, of status " +
                             std::to_string(page_.status) + ", has none");
  }
  get(resolve(locations.front(), shown_target_));
}

void Browser::submit(const std::string& mark, const Fields& changes, const std::string& button) {
  const Form form = required_form(page_, mark, button, changes);
  post(resolve(form.action, shown_target_), form.fields);
}

void Browser::upload(const std::string& mark, const Fields& changes, const File& file,
                     const std::string& button) {
  const Form form = required_form(page_, mark, button, changes);
  const std::string type = std::string("multipart/form-data; boundary=") + kBoundary;
  post_text(resolve(form.action, shown_target_), type, multipart(form.fields, file));
}

void Browser::post(const std::string& target, const Fields& fields) {
  post_text(target, "application/x-www-form-urlencoded", encode(fields));
}

void Browser::post_text(const std::string& target, const std::string& type,
                        const std::string& body) {
  send({"POST", target, {{"Content-Type", type}}, body});
}

void Browser::send(testing::HttpCall call) {
  call.headers.push_back({"Host", "wiki.example"});
  call.headers.push_back({"User-Agent", "phork-tests/1.0"});
  call.headers.push_back({"Accept-Language", "en"});
  call.headers.push_back({"X-Forwarded-Proto", "https"});
  call.headers.push_back({"X-Forwarded-Port", "443"});
  if (server_ == Server::kNginx) call.headers.push_back({"X-Forwarded-For", kClientAddress});
  std::string cookies;
  for (const auto& [name, value] : cookies_) {
    cookies.append(cookies.empty() ? "" : "; ").append(name).append("=").append(value);
  }
  if (!cookies.empty()) call.headers.push_back({"Cookie", cookies});
  page_ = testing::call_server(port_, call);
  shown_target_ = call.target;
  keep_cookies();
}

void Browser::keep_cookies() {
  for (const std::string& line : testing::header_values(page_.headers, "set-cookie")) {
    const std::string pair = line.substr(0, line.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = pair.substr(0, equals);
    const bool removed = line.find("Max-Age=0") != std::string::npos;
    if (removed) {
      cookies_.erase(name);
    } else {
      cookies_[name] = pair.substr(equals + 1);
    }
  }
}

std::string Browser::text_between(std::string_view before, std::string_view after) const {
  const std::string& body = page_.body;
  const std::size_t found = body.find(before);
  if (found == std::string::npos) {
    throw std::runtime_error("tests: find '" + std::string(before) + "': the page lacks it");
  }
  const std::size_t begin = found + before.size();
  return decode_entities(body.substr(begin, body.find(after, begin) - begin));
}

}  // namespace phork::apps
