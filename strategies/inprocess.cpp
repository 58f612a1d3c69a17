// SPDX-License-Identifier: MIT
#include "strategies/inprocess.h"

#include <cerrno>
#include <string>
#include <unistd.h>
#include <utility>

namespace phork::strategies {
namespace {

class InprocessStrategy final : public Strategy {
 public:
  explicit InprocessStrategy(const Settings& settings) : settings_(settings) {}

  // Returns only when execve failed.
  std::optional<event::Failure> boot() override {
    ::execl(settings_.worker_path.c_str(), "php-worker", "--runtime-api", nullptr);
    const auto error =
        base::system_error("strategies: execute '" + settings_.worker_path + "'", errno);
    return event::Failure{"Runtime.BootFailed", error.text, {}};
  }

  base::Result<std::unique_ptr<Slot>> open_slot(unsigned /*index*/) override {
    return base::Error{base::ErrorKind::kInvalid, "strategies: inprocess has no slots [bug]"};
  }

  void shut_down() override {}

 private:
  const Settings settings_;
};

}  // namespace

std::unique_ptr<Strategy> make_inprocess(const Settings& settings) {
  return std::make_unique<InprocessStrategy>(settings);
}

}  // namespace phork::strategies
