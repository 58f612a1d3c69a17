// SPDX-License-Identifier: MIT
#include "supervisor/restore.h"

#include "runtime/base/log.h"

namespace phork::supervisor {
namespace {

// A restored machine may find that the connection by which it asked is gone.
constexpr unsigned kMostLost = 3;

}  // namespace

void Restore::ask() {
  if (const auto asked = api_.ask_restore(); !asked) return callbacks_.failed(asked.error());
  watch_ = loop_.on_readable(api_.connection().socket(), [this] { on_reply(); });
}

void Restore::on_reply() {
  watch_.reset();  // before the descriptor that it watches
  const auto reply = api_.take_restore();
  if (!reply) return try_again(reply.error());
  switch (reply.value()) {
    case lambda::Restore::kAskAgain:
      return try_again({base::ErrorKind::kDisconnected, "lambda: await restore '" +
                                                            api_.connection().address() +
                                                            "': the API closes each connection"});
    case lambda::Restore::kNotOffered:
      base::log_info(
          "supervisor: AWS_LAMBDA_INITIALIZATION_TYPE is snap-start, but the Runtime API makes no "
          "snapshots (404); going on without");
      break;
    case lambda::Restore::kRestored:
      break;
  }
  api_.connection().adopt(base::Fd());  // closes it
  callbacks_.restored();
}

void Restore::try_again(const base::Error& error) {
  if (error.kind != base::ErrorKind::kDisconnected || ++lost_ == kMostLost) {
    return callbacks_.failed(error);
  }
  ask();
}

}  // namespace phork::supervisor
