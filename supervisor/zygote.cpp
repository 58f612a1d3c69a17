// SPDX-License-Identifier: MIT
#include "supervisor/zygote.h"

#include <chrono>
#include <csignal>
#include <string>
#include <sys/socket.h>
#include <utility>

#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/socket_io.h"
#include "runtime/slot/worker_side.h"

namespace phork::supervisor {
namespace {

// A clock that goes on while the environment is frozen: file times are compared with it.
const auto kBegan = std::chrono::system_clock::now();

process::SpawnOptions options_of(const Config& config, std::uint32_t generation) {
  process::SpawnOptions options;
  options.program = config.settings.worker_path;
  options.arguments = {"php-worker", "--zygote=" + std::to_string(config.settings.slots),
                       std::to_string(generation),
                       std::string(base::settings::kRefill.word(config.settings.refill)),
                       std::to_string(std::chrono::nanoseconds(kBegan.time_since_epoch()).count())};
  if (config.strategy->workers == strategies::Workers::kRolledBack) {
    options.arguments.emplace_back("--rollback");
  }
  options.environment = process::current_environment();
  return options;
}

}  // namespace

base::Result<std::unique_ptr<Zygote>> Zygote::start(
    Loop& loop, const Config& config, std::uint32_t generation,
    const std::vector<process::FdMapping>& descriptors, Callbacks callbacks) {
  auto pair = base::make_socket_pair(SOCK_SEQPACKET);
  if (!pair) return std::move(pair).error();
  process::SpawnOptions options = options_of(config, generation);
  options.descriptors = descriptors;
  options.descriptors.push_back({pair->second.get(), slot::kFirstDescriptor});
  auto process = process::Process::spawn(options);
  if (!process) return std::move(process).error();

  std::unique_ptr<Zygote> zygote(new Zygote);
  Zygote* const self = zygote.get();
  zygote->callbacks_ = std::move(callbacks);
  zygote->generation_ = generation;
  zygote->control_ = std::move(pair->first);
  zygote->process_ = std::move(process).value();
  zygote->message_watch_ =
      loop.on_readable(zygote->control_.get(), [self] { self->take_messages(); });
  zygote->end_watch_ = loop.on_readable(zygote->process_->pidfd(), [self] { self->end(); });
  zygote->boot_limit_ = loop.after(config.settings.boot_timeout, [self] {
    self->is_late_ = true;
    self->callbacks_.too_slow(*self);
  });
  return zygote;
}

void Zygote::send(const slot::ZygoteMessage& message) const {
  // When it fails the zygote is gone, which its pidfd shows.
  static_cast<void>(base::send_message(control_.get(), slot::encode(message)));
}

void Zygote::has_booted() {
  is_booted_ = true;
  boot_limit_.reset();
}

void Zygote::take_messages() {
  constexpr base::Deadline kNow{};  // in the past
  while (base::wait_readable(control_.get(), kNow)) {
    const auto received = base::receive_message(control_.get());
    if (!received) {
      message_watch_.reset();
      return;
    }
    const auto message = slot::decode_zygote_message(received->bytes);
    if (message) {
      callbacks_.message(*this, message.value());
    } else {
      base::log_error(message.error().text + " [bug]");
    }
  }
}

void Zygote::end() {
  take_messages();
  message_watch_.reset();
  end_watch_.reset();
  boot_limit_.reset();
  // The last call: the callback may destroy this object.
  callbacks_.ended(*this, *process_->wait());
}

}  // namespace phork::supervisor
