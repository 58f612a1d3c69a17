// SPDX-License-Identifier: MIT
#include "runtime/base/result.h"

#include <cerrno>
#include <memory>

#include <doctest/doctest.h>

namespace phork::base {
namespace {

Result<std::string> half_of(const std::string& text) {
  if (text.size() % 2 != 0) return Error{ErrorKind::kInvalid, "odd"};
  return text.substr(text.size() / 2);
}

// The exception that `check` throws for `code`.
SystemError thrown_for(int code) {
  try {
    errno = code;
    check(-1, "test: do");
  } catch (const SystemError& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {0, ""};
}

}  // namespace

TEST_SUITE("result") {
  TEST_CASE("a result holds a value or an error") {
    const auto good = half_of("abcd");
    CHECK(good.ok());
    CHECK(static_cast<bool>(good));
    CHECK(good.value() == "cd");
    CHECK(good->size() == 2);

    const auto bad = half_of("abc");
    CHECK_FALSE(bad.ok());
    CHECK_FALSE(static_cast<bool>(bad));
    CHECK(bad.error().kind == ErrorKind::kInvalid);
    CHECK(bad.error().text == "odd");
  }

  TEST_CASE("move-only values come out intact") {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
    const std::unique_ptr<int> taken = std::move(result).value();
    CHECK(*taken == 7);
  }

  TEST_CASE("a value can be changed in place") {
    auto result = half_of("abcd");
    result.value() += "ef";
    result->push_back('g');
    CHECK(result.value() == "cdefg");
  }

  TEST_CASE("a status is an error or empty") {
    const Status fine = ok_status();
    const Status failed = Error{ErrorKind::kTimeout, "late"};
    CHECK(fine.ok());
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().kind == ErrorKind::kTimeout);
  }

  TEST_CASE("a system error names the operation and the reason") {
    const Error error = system_error("test: open 'x'", ENOENT);
    CHECK(error.kind == ErrorKind::kSystem);
    CHECK(error.text == "test: open 'x': No such file or directory");
  }

  TEST_CASE("check returns the result of a call, or throws its errno") {
    CHECK(check(0, "test: do") == 0);
    CHECK(check(42, "test: do") == 42);
    const SystemError error = thrown_for(EMFILE);
    CHECK(error.code().value() == EMFILE);
    CHECK(std::string(error.what()) == "test: do: Too many open files");
  }
}

}  // namespace phork::base
