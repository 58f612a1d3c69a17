// SPDX-License-Identifier: MIT
#include "tests/support/json.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <simdjson.h>

namespace phork::testing {

struct Json::Document {
  simdjson::dom::parser parser;
  simdjson::dom::element root;

  simdjson::simdjson_result<simdjson::dom::element> find(std::string_view path) const {
    std::string pointer = "/" + std::string(path);
    std::ranges::replace(pointer, '.', '/');
    return root.at_pointer(pointer);
  }

  simdjson::dom::element at(std::string_view path) const {
    const auto found = find(path);
    REQUIRE_MESSAGE(found.error() == simdjson::SUCCESS, "no '" << path << "' in the JSON");
    return found.value_unsafe();
  }
};

Json::Json(const std::string& text) : document_(std::make_shared<Document>()) {
  const auto error = document_->parser.parse(text).get(document_->root);
  REQUIRE_MESSAGE(error == simdjson::SUCCESS, "not JSON: " << text);
}

std::string Json::text(std::string_view path) const {
  std::string_view text;
  REQUIRE_MESSAGE(document_->at(path).get(text) == simdjson::SUCCESS, path << " is no text");
  return std::string(text);
}

std::int64_t Json::integer(std::string_view path) const {
  std::int64_t number = 0;
  REQUIRE_MESSAGE(document_->at(path).get(number) == simdjson::SUCCESS, path << " is no integer");
  return number;
}

bool Json::boolean(std::string_view path) const {
  bool value = false;
  REQUIRE_MESSAGE(document_->at(path).get(value) == simdjson::SUCCESS, path << " is no boolean");
  return value;
}

bool Json::has(std::string_view path) const {
  return document_->find(path).error() == simdjson::SUCCESS;
}

std::string Json::raw(std::string_view path) const {
  return simdjson::minify(document_->at(path));
}

}  // namespace phork::testing
