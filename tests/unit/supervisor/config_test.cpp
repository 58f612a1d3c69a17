// SPDX-License-Identifier: MIT
#include "supervisor/config.h"

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "runtime/base/settings.h"

namespace phork::supervisor {
namespace {

using namespace std::chrono_literals;
using Values = std::map<std::string, std::string>;

const char* const kRead[] = {"AWS_LAMBDA_RUNTIME_API",
                             "AWS_LAMBDA_MAX_CONCURRENCY",
                             "LAMBDA_TASK_ROOT",
                             "_HANDLER",
                             "PHORK_STRATEGY",
                             "PHORK_METRICS",
                             "PHORK_WORKER",
                             "PHORK_SPARES",
                             "PHORK_REFILL",
                             "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                             "PHORK_MAX_EVENTS",
                             "PHORK_DEADLINE_MARGIN_MS",
                             "PHORK_GRACEFUL_SHUTDOWN",
                             "PHORK_CORE_DUMPS",
                             "PHORK_ENTRY",
                             "PHORK_FD_POLICY",
                             "PHORK_ROUTE",
                             "PHORK_RESPONSE",
                             "PHORK_WARMUP_BUDGET_MS",
                             "PHORK_LEARN"};

// Sets exactly these of the variables that the config reads, until the end of the case.
class Variables : private base::Pinned {
 public:
  explicit Variables(const Values& values) {
    for (const char* name : kRead) {
      const char* before = std::getenv(name);
      if (before != nullptr) before_.emplace(name, before);
      ::unsetenv(name);
    }
    for (const auto& [name, value] : values) ::setenv(name.c_str(), value.c_str(), 1);
  }

  ~Variables() {
    for (const char* name : kRead) ::unsetenv(name);
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  Values before_;
};

// The variables that Lambda and a complete layer set, with `more` on top.
Values usual(const Values& more = {}) {
  Values values = more;
  values.insert({{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"},
                 {"_HANDLER", "index.php"},
                 {"PHORK_WORKER", "/bin/true"}});
  return values;
}

base::Result<Config> config_of(const Values& values, const Flags& flags = {}) {
  const Variables set(values);
  return read_config(flags);
}

// The error text for `values`; its kind is always kInvalid.
std::string error_of(const Values& values, const Flags& flags = {}) {
  const auto config = config_of(values, flags);
  if (config) return "no error";
  CHECK(config.error().kind == base::ErrorKind::kInvalid);
  return config.error().text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("config: what is read") {
  TEST_CASE("with only the variables that Lambda sets, all other settings have defaults") {
    const auto config = config_of(usual());
    REQUIRE(config.ok());
    CHECK(config->strategy->name == "fork");
    CHECK(config->metrics.format() == base::MetricsFormat::kOff);
    CHECK(config->settings.worker_path == "/bin/true");
    CHECK(config->settings.slots == 1);
    CHECK(config->settings.spares == 1);
    CHECK_FALSE(config->graceful_shutdown);
    CHECK(config->settings.deadline_margin == 200ms);
    CHECK(config->settings.entry_kind == base::EntryKind::kAuto);
    CHECK(config->route == base::Route::kEntry);
    CHECK_FALSE(config->settings.streams);
    CHECK(config->environment.handler == "index.php");
    CHECK(config->environment.runtime_api.port == 9001);
  }

  TEST_CASE("PHORK_REFILL: auto is before on less than a whole processor, and never stays auto") {
    const auto refill = [](const Values& values) {
      const auto config = config_of(usual(values));
      REQUIRE(config.ok());
      return config->settings.refill;
    };
    using base::Refill;
    CHECK(refill({{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1768"}}) == Refill::kBefore);
    const bool has_two = std::thread::hardware_concurrency() >= 2;
    const Refill whole = has_two ? Refill::kDuring : Refill::kBefore;
    CHECK(refill({{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"}}) == whole);
    CHECK(refill({}) == whole);
    CHECK(refill({{"PHORK_REFILL", "auto"}}) == whole);
    CHECK(refill({{"PHORK_REFILL", "during"}, {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"}}) ==
          Refill::kDuring);
    CHECK(refill({{"PHORK_REFILL", "before"}}) == Refill::kBefore);
  }

  TEST_CASE("each variable reaches its setting") {
    const auto config = config_of(usual({{"PHORK_STRATEGY", "D"},
                                         {"PHORK_METRICS", "json"},
                                         {"PHORK_DEADLINE_MARGIN_MS", "750"},
                                         {"PHORK_SPARES", "4"},
                                         {"PHORK_MAX_EVENTS", "1000"},
                                         {"PHORK_ENTRY", "script"},
                                         {"PHORK_ROUTE", "files"},
                                         {"PHORK_RESPONSE", "stream"},
                                         {"AWS_LAMBDA_MAX_CONCURRENCY", "16"}}));
    REQUIRE(config.ok());
    CHECK(config->strategy->letter == 'D');
    CHECK(config->metrics.format() == base::MetricsFormat::kJson);
    CHECK(config->settings.deadline_margin == 750ms);
    CHECK(config->settings.spares == 4);
    CHECK(config->settings.slots == 16);
    CHECK(config->settings.entry_kind == base::EntryKind::kScript);
    CHECK(config->route == base::Route::kFiles);
    CHECK(config->settings.streams);
  }

  TEST_CASE("a flag overrides its variable, an empty flag does not") {
    const Values values = usual({{"PHORK_STRATEGY", "inprocess"}});
    CHECK(config_of(values, {"fork", ""})->strategy->name == "fork");
    CHECK(config_of(values)->strategy->name == "inprocess");
    CHECK(config_of(values, {"", "other.php"})->environment.handler == "other.php");
  }

  TEST_CASE("the handler of a flag is put into the environment, too, where PHP sees it") {
    const Variables set(usual());
    REQUIRE(read_config({"", "other.php"}).ok());
    CHECK(std::string(std::getenv("_HANDLER")) == "other.php");
  }

  TEST_CASE("every word of a choice is accepted") {
    const auto kind_of = [](const char* word) {
      return config_of(usual({{"PHORK_ENTRY", word}}))->settings.entry_kind;
    };
    CHECK(kind_of("") == base::EntryKind::kAuto);
    CHECK(kind_of("auto") == base::EntryKind::kAuto);
    CHECK(kind_of("handler") == base::EntryKind::kHandler);
    CHECK(kind_of("script") == base::EntryKind::kScript);
    CHECK(kind_of("console") == base::EntryKind::kConsole);
    CHECK(config_of(usual({{"PHORK_ROUTE", "entry"}}))->route == base::Route::kEntry);
    CHECK(config_of(usual({{"PHORK_ROUTE", ""}}))->route == base::Route::kEntry);
    for (const char* policy : {"", "close", "refuse", "allow"}) {
      CAPTURE(policy);
      CHECK(config_of(usual({{"PHORK_FD_POLICY", policy}})).ok());
    }
    CHECK_FALSE(config_of(usual({{"PHORK_RESPONSE", "buffered"}}))->settings.streams);
    CHECK_FALSE(config_of(usual({{"PHORK_RESPONSE", ""}}))->settings.streams);
  }

  TEST_CASE("answers can be streamed under every strategy that supports it") {
    for (const strategies::StrategyEntry& strategy : strategies::all_strategies()) {
      CAPTURE(strategy.name);
      const auto config = config_of(
          usual({{"PHORK_STRATEGY", std::string(strategy.name)}, {"PHORK_RESPONSE", "stream"}}));
      CHECK(config.ok() == strategy.streams);
    }
  }

  TEST_CASE("both ends of a number's range are allowed") {
    CHECK(config_of(usual({{"PHORK_DEADLINE_MARGIN_MS", "0"}}))->settings.deadline_margin == 0ms);
    CHECK(config_of(usual({{"PHORK_DEADLINE_MARGIN_MS", "60000"}}))->settings.deadline_margin ==
          60s);
  }

  TEST_CASE("every strategy may serve several events at once") {
    for (const char* letter : {"A", "B", "C", "D", "E", "F"}) {
      const auto config =
          config_of(usual({{"PHORK_STRATEGY", letter}, {"AWS_LAMBDA_MAX_CONCURRENCY", "2"}}));
      REQUIRE(config.ok());
      CHECK(config->settings.slots == 2);
    }
  }
}

TEST_SUITE("config: mistakes") {
  TEST_CASE("an unknown strategy, from flag or variable, is refused with the list of known ones") {
    const std::string from_variable = error_of(usual({{"PHORK_STRATEGY", "spoon"}}));
    CHECK(contains(from_variable, "'spoon'"));
    CHECK(contains(from_variable, "inprocess (A)"));
    CHECK(contains(from_variable, "read PHORK_STRATEGY: "));
    CHECK(contains(error_of(usual(), {"spoon", ""}), "read --strategy: "));
  }

  TEST_CASE("without the address of the Runtime API the config is invalid") {
    CHECK(contains(error_of({{"PHORK_WORKER", "/bin/true"}}), "AWS_LAMBDA_RUNTIME_API"));
  }

  TEST_CASE("an unknown format of metrics is refused") {
    CHECK(contains(error_of(usual({{"PHORK_METRICS", "xml"}})), "PHORK_METRICS"));
  }

  TEST_CASE("PHORK_GRACEFUL_SHUTDOWN is on or off") {
    CHECK(config_of(usual({{"PHORK_GRACEFUL_SHUTDOWN", "on"}}))->graceful_shutdown);
    CHECK_FALSE(config_of(usual({{"PHORK_GRACEFUL_SHUTDOWN", "off"}}))->graceful_shutdown);
    for (const char* value : {"ON", "1", "true", "yes", "on "}) {
      CAPTURE(value);
      CHECK(error_of(usual({{"PHORK_GRACEFUL_SHUTDOWN", value}})) ==
            std::string("settings: read PHORK_GRACEFUL_SHUTDOWN: expected off or on, got '") +
                value + '\'');
    }
  }

  TEST_CASE("an unknown word is refused with the list of known ones") {
    const std::map<std::string, std::string> choices{
        {"PHORK_ENTRY", "auto, handler, script, worker or console"},
        {"PHORK_FD_POLICY", "close, refuse or allow"},
        {"PHORK_ROUTE", "entry or files"},
        {"PHORK_RESPONSE", "buffered or stream"},
    };
    for (const auto& [name, words] : choices) {
      for (const std::string word : {"AUTO", "Stream", "files ", "on", "1"}) {
        CHECK(error_of(usual({{name, word}})) ==
              "settings: read " + name + ": expected " + words + ", got '" + word + '\'');
      }
    }
  }

  TEST_CASE("PHORK_CORE_DUMPS is off or on") {
    CHECK_FALSE(config_of(usual())->core_dumps);
    CHECK(config_of(usual({{"PHORK_CORE_DUMPS", "on"}}))->core_dumps);
    CHECK(error_of(usual({{"PHORK_CORE_DUMPS", "yes"}})) ==
          "settings: read PHORK_CORE_DUMPS: expected off or on, got 'yes'");
  }

  TEST_CASE("PHORK_LEARN is auto, on or off") {
    for (const char* word : {"", "auto", "on", "off"}) {
      CHECK(config_of(usual({{"PHORK_LEARN", word}})).ok());
    }
    for (const std::string word : {"ON", "yes", "1", "auto "}) {
      CHECK(error_of(usual({{"PHORK_LEARN", word}})) ==
            "settings: read PHORK_LEARN: expected auto, on or off, got '" + word + '\'');
    }
  }

  TEST_CASE("PHORK_RESPONSE=stream is refused for fpm, by name and by letter") {
    for (const char* strategy : {"fpm", "E"}) {
      CHECK(error_of(usual({{"PHORK_STRATEGY", strategy}, {"PHORK_RESPONSE", "stream"}})) ==
            "supervisor: strategy fpm cannot stream answers, but PHORK_RESPONSE is stream: "
            "choose another strategy");
    }
    CHECK(config_of(usual({{"PHORK_STRATEGY", "fpm"}, {"PHORK_RESPONSE", "buffered"}})).ok());
  }

  TEST_CASE("a value outside the range of a number is refused with the range") {
    for (const char* name : {"PHORK_DEADLINE_MARGIN_MS", "PHORK_SPARES", "PHORK_MAX_EVENTS",
                             "PHORK_WARMUP_BUDGET_MS"}) {
      for (const char* value : {"-1", "1.5", "2x", " 2", "99999999999999999999", "many"}) {
        CAPTURE(name);
        CAPTURE(value);
        const std::string text = error_of(usual({{name, value}}));
        CHECK(contains(text, name));
        CHECK(contains(text, "expected a number from "));
      }
    }
    CHECK(contains(error_of(usual({{"PHORK_DEADLINE_MARGIN_MS", "60001"}})), "from 0 to 60000"));
    CHECK(contains(error_of(usual({{"PHORK_SPARES", "0"}})), "PHORK_SPARES"));
  }

  TEST_CASE("a worker that cannot be executed is named, with the source of its path") {
    for (const char* path : {"/nonexistent/php-worker", "/tmp", "/proc/self/environ"}) {
      CAPTURE(path);
      const std::string text = error_of(usual({{"PHORK_WORKER", path}}));
      CHECK(contains(text, std::string("'") + path + '\''));
      CHECK(contains(text, "from PHORK_WORKER"));
    }
  }

  TEST_CASE("without PHORK_WORKER the worker has to be beside the program") {
    Values values = usual();
    values.erase("PHORK_WORKER");
    const std::string text = error_of(values);
    CHECK(contains(text, "/tests/unit/php-worker' (beside bootstrap"));
  }

  TEST_CASE("a concurrency of zero is refused") {
    CHECK(contains(error_of(usual({{"AWS_LAMBDA_MAX_CONCURRENCY", "0"}})),
                   "AWS_LAMBDA_MAX_CONCURRENCY"));
  }
}

}  // namespace phork::supervisor
