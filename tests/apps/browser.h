// SPDX-License-Identifier: MIT
//
// A browser for one server: it keeps cookies, fills in and sends the forms of the page it shows,
// uploads files, and follows a redirect when it is told to. Every server is https://wiki.example,
// as with a load balancer that ends TLS. Throws when a page lacks the form or the redirect that a
// test wants to use.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/http/message.h"
#include "tests/support/http_client.h"

namespace phork::apps {

using Fields = std::map<std::string, std::string>;

struct File {
  std::string field;
  std::string name;
  std::string type;
  std::string bytes;
};

enum class Server : std::uint8_t {
  kNginx,  // needs the client's address in a header, as a load balancer sends it
  kPhork,  // has its own load balancer: the gateway of `phork serve`
};

class Browser {
 public:
  Browser(std::uint16_t port, Server server) : port_(port), server_(server) {}

  void get(const std::string& target) { send({"GET", target, {}, ""}); }

  // Opens the Location of the page shown.
  void follow();

  // Sends the shown page's form that has `mark` in its tag or its text, with `changes`.
  void submit(const std::string& mark, const Fields& changes, const std::string& button = "");
  // The same, as multipart/form-data with a file.
  void upload(const std::string& mark, const Fields& changes, const File& file,
              const std::string& button = "");
  // Sends fields without a form.
  void post(const std::string& target, const Fields& fields);
  void post_text(const std::string& target, const std::string& type, const std::string& body);

  void send(testing::HttpCall call);

  const emulator::HttpReply& page() const { return page_; }

  // The text between `before` and `after` on the page shown, entities decoded.
  std::string text_between(std::string_view before, std::string_view after) const;

 private:
  void keep_cookies();

  std::uint16_t port_;
  Server server_;
  std::string shown_target_;
  emulator::HttpReply page_;
  std::map<std::string, std::string> cookies_;
};

}  // namespace phork::apps
