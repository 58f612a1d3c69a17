// SPDX-License-Identifier: MIT
//
// The datagrams that a worker and a zygote send the supervisor: whatever PHP code writes to their
// sockets is decoded without harm, and a message that is taken is encoded to the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/slot/report.h"
#include "runtime/slot/zygote_message.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(phork::slot::decode_report(bytes));
  const auto message = phork::slot::decode_zygote_message(bytes);
  using Kind = phork::slot::ZygoteMessage::Kind;
  // The texts of a failure may be cut.
  if (message && message->kind != Kind::kBootFailed &&
      phork::slot::encode(message.value()) != bytes) {
    std::abort();
  }
  return 0;
}
