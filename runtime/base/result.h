// SPDX-License-Identifier: MIT
//
// An expected failure is a value. `Result<T>` holds either a T or an `Error`, which is a kind for
// code and one line of text for people (`module: action 'object': reason`). A failure that no
// caller can handle is thrown as `SystemError` by `check()`; only `main` catches it.
#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace phork::base {

enum class ErrorKind {
  kInvalid,       // the input does not have the expected form
  kRefused,       // the other side said no
  kDisconnected,  // the other side is gone
  kTimeout,
  kStopped,  // we were asked to stop while waiting
  kSystem,   // the operating system failed
};

struct Error {
  ErrorKind kind = ErrorKind::kSystem;
  std::string text;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }

  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }

  const T& value() const& { return std::get<0>(state_); }

  T&& value() && { return std::get<0>(std::move(state_)); }

  T* operator->() { return &std::get<0>(state_); }

  const T* operator->() const { return &std::get<0>(state_); }

  const Error& error() const& { return std::get<1>(state_); }

  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// The result of something that only succeeds or fails.
using Status = Result<std::monostate>;

inline Status ok_status() {
  return std::monostate{};
}

// An `Error` about a failed system call: "what: strerror(code)".
Error system_error(const std::string& what, int code);

// A system call failed that must not fail; only `main` handles it.
class SystemError : public std::system_error {
 public:
  SystemError(int code, const std::string& what)
      : std::system_error(code, std::generic_category(), what) {}
};

// Returns what a system call returned, or throws SystemError with errno when that is -1.
int check(int returned, const char* what);

}  // namespace phork::base
