// SPDX-License-Identifier: MIT
#include "tests/apps/session.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/apps/normal_form.h"

namespace phork::apps {
namespace {

constexpr std::size_t kShownBytes = 2000;

// The answer in its normal form, or the reason why the page could not be opened.
std::string open(const Page& page, Browser& browser) {
  try {
    page.open(browser);
    return normal_form(browser.page());
  } catch (const std::exception& error) {
    return std::string("not opened: ") + error.what();
  }
}

std::string row(const std::vector<std::string>& cells) {
  std::ostringstream line;
  line << "| " << std::left << std::setw(46) << cells[0];
  for (std::size_t i = 1; i < cells.size(); ++i) line << " | " << std::setw(7) << cells[i];
  line << " |\n";
  return line.str();
}

// The complaints of PHP in a log, sorted: "PHP Warning:  Undefined ... on line 3".
std::vector<std::string> complaints(const std::string& log) {
  static constexpr std::array kKinds{
      "PHP Warning:", "PHP Notice:", "PHP Deprecated:", "PHP Fatal error:", "PHP Parse error:"};
  std::vector<std::string> found;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    for (const char* kind : kKinds) {
      const std::size_t at = line.find(kind);
      if (at != std::string::npos) found.push_back(line.substr(at));
    }
  }
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> strategies_under_test() {
  const char* const told = std::getenv("PHORK_TEST_STRATEGY");
  if (told == nullptr) return {"fork", "fpm"};
  return {told};
}

// One strategy and its browser.
struct Contestant {
  Contestant(const Application& application, const std::string& name)
      : strategy(name), server(application, name), browser(server.port(), Server::kPhork) {}

  std::string strategy;
  PhorkServer server;
  Browser browser;
};

class Session {
 public:
  explicit Session(const Application& application)
      : reference_(application), browser_(reference_.port(), Server::kNginx) {
    std::vector<std::string> head{application.name, "status", "bytes"};
    for (const std::string& strategy : strategies_under_test()) {
      contestants_.push_back(std::make_unique<Contestant>(application, strategy));
      head.push_back(strategy);
    }
    table_ = row(head);
  }

  void compare(const Page& page) {
    const std::string expected = open(page, browser_);
    const emulator::HttpReply& shown = browser_.page();
    CHECK_MESSAGE(shown.status == page.status, page.name);
    CHECK_MESSAGE(expected.find(page.shows) != std::string::npos,
                  page.name << ": php-fpm shows no '" << page.shows << "':\n"
                            << expected.substr(0, kShownBytes));
    std::vector<std::string> cells{page.name, std::to_string(shown.status),
                                   std::to_string(shown.body.size())};
    for (const auto& contestant : contestants_) {
      const std::string found = difference(open(page, contestant->browser), expected);
      CHECK_MESSAGE(found.empty(), page.name << ", " << contestant->strategy << ": " << found);
      cells.emplace_back(found.empty() ? "equal" : "DIFFERS");
    }
    table_.append(row(cells));
  }

  // Lines of the log may come after the answer, so this waits for them.
  void compare_logs() const {
    const auto expected = complaints(reference_.php_log());
    for (const auto& contestant : contestants_) {
      const auto same = [&] { return complaints(contestant->server.output()) == expected; };
      CHECK_MESSAGE(testing::eventually(same), contestant->strategy
                                                   << " logs other complaints of PHP:\n"
                                                   << contestant->server.output());
    }
  }

  const std::string& table() const { return table_; }

 private:
  Reference reference_;
  Browser browser_;
  std::vector<std::unique_ptr<Contestant>> contestants_;
  std::string table_;
};

}  // namespace

void compare_pages(const Application& application, const std::vector<std::vector<Page>>& parts) {
  REQUIRE_MESSAGE(testing::ReferenceServer::missing_programs().empty(),
                  "not installed: " << testing::ReferenceServer::missing_programs());
  Session session(application);
  for (const std::vector<Page>& part : parts) {
    for (const Page& page : part) session.compare(page);
  }
  session.compare_logs();
  std::cout << session.table() << std::flush;
}

}  // namespace phork::apps
