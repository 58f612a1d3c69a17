// SPDX-License-Identifier: MIT
//
// Answers: statuses, headers, cookies, bodies, errors and sessions. The names are those of the
// branches in tests/fixtures/http/pages.
#include <string>
#include <utility>

#include "tests/http/http_case.h"

namespace phork::http_suite {
namespace {

// A GET of /page/<family>/<what> for each.
HttpCases pages(const std::string& family, const std::vector<std::string>& whats,
                unsigned needs = kNothing) {
  HttpCases cases;
  for (const std::string& what : whats) {
    cases.push_back(get(family + ": " + what, "/page/" + family + "/" + what, needs));
  }
  return cases;
}

void append(HttpCases& cases, HttpCases more) {
  for (HttpCase& item : more) cases.push_back(std::move(item));
}

}  // namespace

HttpCases status_cases() {
  HttpCases cases =
      pages("status", {"200", "201", "202", "203", "204", "205", "206", "300", "301", "302",
                       "303", "304", "307", "308", "400", "401", "403", "404", "405", "409",
                       "410", "418", "422", "429", "451", "500", "501", "502", "503", "504"});
  append(cases, pages("status", {"line", "old-line", "status-header", "third-argument", "location",
                                 "location-created", "location-after-status", "location-absolute",
                                 "location-then-status", "twice", "unregistered"}));
  append(cases, pages("status", {"authenticate", "authenticate-alone"}, kAnyAnswerHeader));
  for (const char* what : {"204", "304", "404", "location"}) {
    cases.push_back(send(std::string("status: HEAD of ") + what, "HEAD",
                         std::string("/page/status/") + what, "", ""));
  }
  return cases;
}

HttpCases answer_header_cases() {
  HttpCases cases = pages("headers", {"one",
                                      "replace",
                                      "twice",
                                      "thrice-vary",
                                      "link",
                                      "remove",
                                      "remove-powered-by",
                                      "lower",
                                      "odd-name",
                                      "empty",
                                      "spaces",
                                      "colons",
                                      "commas",
                                      "utf-8",
                                      "quotes",
                                      "long",
                                      "many",
                                      "cr",
                                      "lf",
                                      "cr-lf",
                                      "folded",
                                      "nul",
                                      "name-lf",
                                      "name-nul",
                                      "no-colon",
                                      "last-lf",
                                      "type-json",
                                      "type-text",
                                      "type-charset",
                                      "type-upper",
                                      "default-type",
                                      "length",
                                      "cache",
                                      "disposition",
                                      "date",
                                      "callback",
                                      "callback-adds-cookie",

                                      "sent",
                                      "list",
                                      "security"});
  append(cases, pages("headers", {"remove-all"}));
  append(cases, pages("cookies",
                      {"one", "options", "encoded", "raw", "delete", "expires", "with-redirect"}));
  append(cases, pages("cookies", {"two", "same-name", "three-and-header", "array"},
                      kRepeatedAnswerHeader));
  cases.push_back(sequence("cookies: come back",
                           {"/page/cookies/one", "/page/cookies/echo", "/page/cookies/delete"}));
  return cases;
}

HttpCases output_cases() {
  return pages("output", {"nothing",
                          "echo",
                          "template",
                          "stream",
                          "readfile",
                          "utf-8",
                          "control",
                          "latin-1",
                          "half-utf-8",
                          "binary",
                          "binary-as-html",
                          "text-as-binary",
                          "svg",
                          "gzip",
                          "large",
                          "large-binary",
                          "many-pieces",
                          "buffer",
                          "nested",
                          "callback",
                          "callback-at-exit",
                          "chunks",
                          "flush",
                          "implicit-flush",
                          "levels",
                          "end-all",
                          "rewrite",
                          "header-after-output",
                          "exit",
                          "exit-text",
                          "exit-status",
                          "shutdown",
                          "shutdown-after-exit",
                          "exit-in-shutdown",
                          "destructor",
                          "print-r",
                          "var-dump",
                          "heredoc",
                          "aborted",
                          "finish",
                          "finish-headers",
                          "finish-twice",
                          "finish-buffers"});
}

HttpCases unbuffered_cases() {
  return pages("unbuffered",
               {"echo", "header", "cookie", "status", "session", "location", "exception", "fatal",
                "exit", "nothing", "flush", "callback", "shutdown", "finish", "memory"});
}

HttpCases error_cases() {
  HttpCases cases = pages("errors", {"exception",
                                     "exception-after-output",

                                     "exception-after-status",
                                     "exception-in-buffer",
                                     "exception-in-callback",
                                     "exception-handler",
                                     "type-error",
                                     "undefined-function",
                                     "undefined-class",
                                     "fatal",
                                     "memory",
                                     "parse-error",
                                     "parse-error-caught",
                                     "missing-file",
                                     "missing-include",
                                     "warning",
                                     "notice-displayed",
                                     "fatal-displayed",
                                     "last-error",
                                     "handler",
                                     "shutdown-sees",
                                     "shutdown-rescues",
                                     "exception-in-shutdown",
                                     "log"});
  HttpCase packed = get_with("output: zlib", "/page/output/zlib", {{"Accept-Encoding", "gzip"}});
  cases.push_back(std::move(packed));
  append(cases, pages("errors", {"exception-after-flush"}, kEndsWell));
  cases.push_back(
      get_with("output: gzhandler", "/page/output/gzhandler", {{"Accept-Encoding", "gzip"}}));
  return cases;
}

HttpCases session_cases() {
  const auto of = [](const char* what, int times) {
    return sequence(std::string("session: ") + what,
                    std::vector<std::string>(static_cast<std::size_t>(times),
                                             std::string("/page/session/") + what));
  };
  return {
      of("count", 3),
      of("regenerate", 3),
      of("destroy", 3),
      of("unset", 3),
      of("options", 2),
      of("read", 2),
      of("public", 2),
      of("no-limiter", 2),
      of("given", 2),
      of("lazy", 2),
      sequence("session: written after the answer",
               {"/page/output/finish-session", "/page/session/count"}),
      sequence("session: seen by a page without one", {"/page/session/count", "/"}),
      sequence("state: not kept for the next request",
               {"/page/state/look", "/page/state/change", "/page/state/look", "/"}),
  };
}

HttpCases settings_cases() {
  HttpCases cases{
      get("settings: a request", "/?a=1&b[c][d][e]=2"),
      get("settings: an environment", "/?APP_NAME=query"),
      post_form("settings: a form", "/?a=query", "a=form"),
      get_with("settings: cookies", "/", {{"Cookie", "a=1; b[c]=2"}}),
      sequence("settings: session.auto_start", {"/", "/page/status/404", "/"}),
  };
  append(cases, output_cases());
  append(cases, unbuffered_cases());
  append(cases, error_cases());
  append(cases, pages("headers", {"one", "sent", "callback", "type-json", "default-type"}));
  append(cases, pages("cookies", {"one", "echo"}, kRepeatedAnswerHeader));
  return cases;
}

}  // namespace phork::http_suite
