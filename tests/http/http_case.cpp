// SPDX-License-Identifier: MIT
#include "tests/http/http_case.h"

#include <initializer_list>
#include <iterator>
#include <utility>

namespace phork::http_suite {
namespace {

HttpCases gather(std::initializer_list<HttpCases (*)()> families) {
  HttpCases cases;
  for (auto* family : families) {
    HttpCases more = family();
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  }
  return cases;
}

}  // namespace

HttpCase get(std::string name, std::string target, unsigned needs) {
  return {std::move(name), {{"GET", std::move(target), {}, {}}}, needs};
}

HttpCase get_with(std::string name, std::string target, std::vector<event::NameValue> headers) {
  return {std::move(name), {{"GET", std::move(target), std::move(headers), {}}}, kNothing};
}

HttpCase send(std::string name, std::string method, std::string target, std::string type,
              std::string body) {
  std::vector<event::NameValue> headers;
  if (!type.empty()) headers.push_back({"Content-Type", std::move(type)});
  return {std::move(name),
          {{std::move(method), std::move(target), std::move(headers), std::move(body)}},
          kNothing};
}

HttpCase post_form(std::string name, std::string target, std::string body) {
  return send(std::move(name), "POST", std::move(target), "application/x-www-form-urlencoded",
              std::move(body));
}

HttpCase sequence(std::string name, const std::vector<std::string>& targets) {
  HttpCase result{std::move(name), {}, kNothing};
  for (const std::string& target : targets) result.calls.push_back({"GET", target, {}, {}});
  return result;
}

HttpCases answer_cases() {
  return gather({status_cases, answer_header_cases, output_cases, unbuffered_cases, error_cases,
                 session_cases});
}

const HttpCases& all_cases() {
  static const HttpCases all =
      gather({query_cases, path_cases, body_cases, upload_cases, cookie_cases, request_header_cases,
              status_cases, answer_header_cases, output_cases, unbuffered_cases, error_cases,
              session_cases});
  return all;
}

}  // namespace phork::http_suite
