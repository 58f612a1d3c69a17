// SPDX-License-Identifier: MIT
#include "bench/cost/prices.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <simdjson.h>

namespace phork::bench {

// bench/prices.json, embedded by the build.
extern const std::string_view kPublishedPricesJson;

namespace {

using simdjson::dom::array;
using simdjson::dom::element;

constexpr double kMbPerGb = 1024;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Reads fields one after another and keeps the first problem.
class FieldReader {
 public:
  std::string text(element parent, std::string_view path) {
    std::string_view value;
    if (parent.at_pointer(path).get(value) != simdjson::SUCCESS || value.empty()) {
      fail(path, "expected a text");
    }
    return std::string(value);
  }

  double amount(element parent, std::string_view path) {
    double value = 0;
    if (parent.at_pointer(path).get(value) != simdjson::SUCCESS || value < 0) {
      fail(path, "expected a number of at least 0");
    }
    return value;
  }

  std::vector<DurationTier> tiers(element parent, std::string_view path) {
    std::vector<DurationTier> read;
    array list;
    if (parent.at_pointer(path).get(list) != simdjson::SUCCESS || list.size() == 0) {
      fail(path, "expected a list of tiers");
      return read;
    }
    for (const element tier : list) {
      element size;
      const bool last = read.size() + 1 == list.size();
      const bool endless =
          tier.at_pointer("/gb_seconds").get(size) == simdjson::SUCCESS && size.is_null();
      if (last != endless) fail(path, "expected null as the gb_seconds of the last tier alone");
      read.push_back({endless ? kInfinity : amount(tier, "/gb_seconds"), amount(tier, "/usd")});
    }
    return read;
  }

  const std::string& problem() const { return problem_; }

 private:
  void fail(std::string_view path, std::string_view reason) {
    if (problem_.empty()) problem_ = std::string(path.substr(1)) + ": " + std::string(reason);
  }

  std::string problem_;
};

base::Error unreadable(const std::string& reason) {
  return {base::ErrorKind::kInvalid, "bench: read prices: " + reason};
}

base::Result<Prices> prices_of(element root) {
  FieldReader read;
  Prices prices;
  prices.region = read.text(root, "/region");
  prices.date = read.text(root, "/confirmed");
  prices.source = read.text(root, "/source");
  prices.usd_per_million_requests = read.amount(root, "/usd_per_million_requests");
  prices.x86 = read.tiers(root, "/usd_per_gb_second/x86_64");
  prices.arm = read.tiers(root, "/usd_per_gb_second/arm64");
  prices.free_storage_mb = read.amount(root, "/ephemeral_storage/free_mb");
  prices.usd_per_storage_gb_second = read.amount(root, "/ephemeral_storage/usd_per_gb_second");
  if (!read.problem().empty()) return unreadable(read.problem());
  return prices;
}

}  // namespace

std::string_view name_of(Architecture architecture) {
  return architecture == Architecture::kArm ? "arm64" : "x86_64";
}

double Prices::request_usd(double requests) const {
  return requests / 1e6 * usd_per_million_requests;
}

double Prices::duration_usd(double gb_seconds, Architecture architecture) const {
  double usd = 0;
  for (const DurationTier& tier : tiers(architecture)) {
    const double within = std::min(gb_seconds, tier.gb_seconds);
    usd += within * tier.usd;
    gb_seconds -= within;
  }
  return usd;
}

double Prices::storage_usd(double billed_seconds, double storage_mb) const {
  const double charged_gb = std::max(0.0, storage_mb - free_storage_mb) / kMbPerGb;
  return billed_seconds * charged_gb * usd_per_storage_gb_second;
}

base::Result<Prices> parse_prices(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return unreadable("expected JSON");
  }
  return prices_of(root);
}

base::Result<Prices> read_prices(const std::string& path) {
  simdjson::padded_string text;
  if (simdjson::padded_string::load(path).get(text) != simdjson::SUCCESS) {
    return unreadable("cannot read '" + path + "'");
  }
  base::Result<Prices> prices = parse_prices(text);
  if (prices) return prices;
  return base::Error{prices.error().kind, prices.error().text + " in '" + path + "'"};
}

Prices published_prices() {
  base::Result<Prices> prices = parse_prices(kPublishedPricesJson);
  if (!prices) throw std::logic_error(prices.error().text + " [bug]");
  return std::move(prices).value();
}

std::int64_t billed_milliseconds(double microseconds) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(microseconds / 1000)));
}

}  // namespace phork::bench
