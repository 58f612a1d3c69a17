// SPDX-License-Identifier: MIT
#include "tests/http/comparison.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <simdjson.h>

#include "runtime/base/text.h"
#include "tests/http/differences.h"

namespace phork::http_suite {
namespace {

using simdjson::dom::key_value_pair;
using simdjson::dom::object;

constexpr std::size_t kShownBytes = 300;
constexpr int kShownFacts = 12;

void add_headers(Facts& facts, const emulator::HttpReply& reply) {
  for (const event::NameValue& header : reply.headers) {
    std::string& values = facts["header " + base::lower_case(header.name)];
    if (!values.empty()) values.append(kBetweenValues);
    values.append(header.value);
  }
}

// Variables of a list are facts of their own, because PHP promises no order; other values are
// whole.
bool add_dump(Facts& facts, const std::string& body) {
  simdjson::dom::parser parser;
  object dump;
  object server;
  if (parser.parse(body).get(dump) != simdjson::SUCCESS ||
      dump["server"].get(server) != simdjson::SUCCESS) {
    return false;
  }
  for (const key_value_pair& section : dump) {
    const std::string name(section.key);
    object entries;
    const bool listed = name == "server" || name == "headers";
    if (!listed || section.value.get(entries) != simdjson::SUCCESS) {
      facts[name] = simdjson::minify(section.value);
      continue;
    }
    for (const key_value_pair& entry : entries) {
      facts[name + " " + std::string(entry.key)] = simdjson::minify(entry.value);
    }
  }
  return true;
}

// A fact's value for a person; a long one begins shortly before `differs`.
std::string shown(const Facts& facts, const std::string& name, std::size_t differs) {
  const auto found = facts.find(name);
  if (found == facts.end()) return "(absent)";
  const std::string& value = found->second;
  if (value.size() <= kShownBytes) return "'" + value + "'";
  const std::size_t begin = differs < kShownBytes / 2 ? 0 : differs - kShownBytes / 2;
  return std::to_string(value.size()) + " bytes, from " + std::to_string(begin) + " on '" +
         value.substr(std::min(begin, value.size()), kShownBytes) + "'";
}

std::size_t first_difference(const std::string& a, const std::string& b) {
  const auto limit = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + limit, b.begin()).first -
                                  a.begin());
}

}  // namespace

Facts facts_of(const emulator::HttpReply& reply) {
  Facts facts;
  facts["status"] = std::to_string(reply.status);
  add_headers(facts, reply);
  if (!add_dump(facts, reply.body)) facts["body"] = reply.body;
  return facts;
}

std::string compare(Facts ours, Facts theirs, const Gateway& gateway) {
  for (const Difference& difference : intended_differences()) {
    if (difference.forgive != nullptr) difference.forgive(ours, theirs, gateway);
  }
  // These come from the way in which the suite starts the two sides.
  for (const char* name : {"server FPM_SOCKETS", "server PHP_INI_SCAN_DIR"}) {
    ours.erase(name);
    theirs.erase(name);
  }
  std::set<std::string> names;
  for (const Facts* facts : {&ours, &theirs}) {
    for (const auto& [name, value] : *facts) names.insert(name);
  }
  std::string report;
  int shown_facts = 0;
  for (const std::string& name : names) {
    const auto our = ours.find(name);
    const auto their = theirs.find(name);
    const bool both = our != ours.end() && their != theirs.end();
    if (both && our->second == their->second) continue;
    const std::size_t differs = both ? first_difference(our->second, their->second) : 0;
    const std::string our_value = shown(ours, name, differs);
    const std::string their_value = shown(theirs, name, differs);
    if (++shown_facts > kShownFacts) return report.append("  and more\n");
    report.append("  ").append(name).append(": ").append(our_value);
    report.append(", php-fpm: ").append(their_value).append("\n");
  }
  return report;
}

}  // namespace phork::http_suite
