// SPDX-License-Identifier: MIT
#include "runtime/base/settings.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"

namespace phork::base {
namespace {

constexpr const char* kName = "PHORK_TEST_SETTING";

enum class Size : std::uint8_t { kSmall, kMiddle, kLarge };

constexpr NumberSetting kCount{kName, 5, 2, 9};
constexpr WordSetting<Size, 3> kSize{kName, {"small", "middle", "large"}};
constexpr WordSetting<Size, 3> kSizeInAnyCase{kName, {"small", "middle", "large"}, true};

// Sets the variable until the end of the scope.
class Variable : private Pinned {
 public:
  explicit Variable(const std::string& value) { ::setenv(kName, value.c_str(), 1); }

  ~Variable() { ::unsetenv(kName); }
};

// The text of the error, which is always kInvalid.
template <typename Setting>
std::string error_of(const Setting& setting, const std::string& value) {
  const Variable set(value);
  const auto result = read(setting);
  if (result) return "no error";
  CHECK(result.error().kind == ErrorKind::kInvalid);
  return result.error().text;
}

template <typename Setting>
auto taken(const Setting& setting, const std::string& value) {
  const Variable set(value);
  return read(setting).value();
}

}  // namespace

TEST_SUITE("settings") {
  TEST_CASE("a variable is read unchanged, and an unset one is empty") {
    CHECK(variable(kName).empty());
    CHECK_FALSE(is_set(kName));
    const Variable set(" as it stands ");
    CHECK(variable(kName) == " as it stands ");
    CHECK(is_set(kName));
  }

  TEST_CASE("unset and empty mean the default") {
    CHECK(read(kCount).value() == 5);
    CHECK(read(kSize).value() == Size::kSmall);
    CHECK(taken(kCount, "") == 5);
    CHECK(taken(kSize, "") == Size::kSmall);
  }

  TEST_CASE("a range includes both ends") {
    CHECK(taken(kCount, "2") == 2);
    CHECK(taken(kCount, "9") == 9);
    for (const char* text : {"1", "10", "-3", "3.5", "3x", " 3", "99999999999999999999", "many"}) {
      CHECK(error_of(kCount, text) == std::string("settings: read PHORK_TEST_SETTING: expected a "
                                                  "number from 2 to 9, got '") +
                                          text + '\'');
    }
  }

  TEST_CASE("every word gives its value, and other text is refused") {
    for (const Size size : {Size::kSmall, Size::kMiddle, Size::kLarge}) {
      CHECK(taken(kSize, std::string(kSize.word(size))) == size);
    }
    for (const char* text : {"Small", "LARGE", "larg", "large ", " large", "1"}) {
      CHECK(error_of(kSize, text) == std::string("settings: read PHORK_TEST_SETTING: expected "
                                                 "small, middle or large, got '") +
                                         text + '\'');
    }
  }

  TEST_CASE("a setting can accept its words in any case") {
    CHECK(taken(kSizeInAnyCase, "LaRGE") == Size::kLarge);
    CHECK(error_of(kSizeInAnyCase, "larg") != "no error");
  }

  TEST_CASE("value_of gives the default for an invalid value") {
    const Variable wrong("1000");
    CHECK(value_of(kCount) == 5);
    CHECK(value_of(kSize) == Size::kSmall);
  }

  TEST_CASE("a rehearsal has more time before a snapshot") {
    constexpr const char* kType = "AWS_LAMBDA_INITIALIZATION_TYPE";
    CHECK(warmup_budget() == std::chrono::seconds(5));
    ::setenv(kType, "snap-start", 1);
    CHECK(is_snap_start());
    CHECK(warmup_budget() == std::chrono::seconds(100));
    ::setenv(settings::kWarmupBudgetMs.name, "7", 1);
    CHECK(warmup_budget() == std::chrono::milliseconds(7));
    ::unsetenv(settings::kWarmupBudgetMs.name);
    ::setenv(kType, "on-demand", 1);
    CHECK_FALSE(is_snap_start());
    ::unsetenv(kType);
  }

  TEST_CASE("only the setting for metrics accepts its words in any case") {
    CHECK(parse(settings::kMetrics, "EMF").value() == MetricsFormat::kEmf);
    CHECK(parse(settings::kMetrics, "Json").value() == MetricsFormat::kJson);
    CHECK_FALSE(parse(settings::kEntry, "Script").ok());
  }
}

}  // namespace phork::base
