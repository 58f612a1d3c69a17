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
#include "runtime/slot/lost_event.h"
#include "runtime/slot/worker_side.h"
#include "supervisor/first_report.h"

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

  std::unique_ptr<Zygote> zygote(new Zygote(loop));
  Zygote* const self = zygote.get();
  zygote->callbacks_ = std::move(callbacks);
  zygote->generation_ = generation;
  zygote->control_ = std::move(pair->first);
  zygote->process_ = std::move(process).value();
  zygote->message_watch_ =
      loop.on_readable(zygote->control_.get(), [self] { self->take_messages(); });
  zygote->end_watch_ = loop.on_readable(zygote->process_->pidfd(), [self] { self->end(); });
  zygote->boot_timeout_ = config.settings.boot_timeout;
  zygote->limit(zygote->boot_timeout_);
  return zygote;
}

void Zygote::limit(std::chrono::seconds time) {
  limit_ = loop_.after(time, [this] {
    is_late_ = true;
    callbacks_.too_slow(*this);
  });
}

void Zygote::waits() {
  is_waiting_ = true;
  limit_.reset();
}

void Zygote::restore() {
  if (!is_waiting_) return;
  is_waiting_ = false;
  is_restoring_ = true;
  limit(kRestoreTimeout);
  send({.kind = slot::ZygoteMessage::Kind::kRestore});
}

void Zygote::send(const slot::ZygoteMessage& message) const {
  // When it fails the zygote is gone, which its pidfd shows.
  static_cast<void>(base::send_message(control_.get(), slot::encode(message)));
}

event::Failure Zygote::boot_failure(process::ExitStatus status) const {
  if (!is_late_) return slot::boot_ended(status);
  return is_restoring_ ? slot::restore_timed_out(kRestoreTimeout)
                       : slot::boot_timed_out(boot_timeout_);
}

void Zygote::has_booted() {
  is_restoring_ = false;
  is_booted_ = true;
  limit_.reset();
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
  limit_.reset();
  // The last call: the callback may destroy this object.
  callbacks_.ended(*this, *process_->wait());
}

}  // namespace phork::supervisor
