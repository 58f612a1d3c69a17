// SPDX-License-Identifier: MIT
#include "php-worker/sapi/response_stream.h"

#include <cstdlib>
#include <unistd.h>

#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {
namespace {

// As much as is kept back, and as a piece may have: memory stays flat at both ends.
constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;

bool send_piece(Exchange& exchange, std::string_view bytes) {
  if (exchange.stream_begun) return exchange.sink->write(bytes);
  exchange.stream_begun = true;
  return exchange.sink->begin(exchange.status, exchange.headers, bytes);
}

// Whole pieces of `bytes`; the first one even when there are none.
bool send_pieces(Exchange& exchange, std::string_view bytes) {
  do {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    if (!send_piece(exchange, piece)) return false;
    bytes.remove_prefix(piece.size());
  } while (!bytes.empty());
  return true;
}

void end_aborted() {
  // Leaves by longjmp: nothing of ours may be on the stack that wants to be destroyed.
  php_handle_aborted_connection();
}

}  // namespace

bool answers_are_streamed() {
  const char* const mode = std::getenv("PHORK_RESPONSE");
  return mode != nullptr && std::string_view(mode) == "stream";
}

bool send_stream(std::string_view bytes) {
  Exchange& exchange = current_exchange();
  if (exchange.caller_gone) return false;
  // A rehearsal has nobody to send to, and a copy that PHP code forked has no part in the answer.
  if (exchange.sink == nullptr || exchange.owner != ::getpid()) {
    exchange.response_body.clear();
    return true;
  }
  const bool pending = !exchange.response_body.empty();
  const bool sent = (!pending || send_pieces(exchange, exchange.response_body)) &&
                    ((bytes.empty() && exchange.stream_begun) || send_pieces(exchange, bytes));
  exchange.response_body.clear();
  exchange.caller_gone = !sent;
  return sent;
}

void stream_output(std::string_view text) {
  Exchange& exchange = current_exchange();
  if (exchange.caller_gone) return;
  if (exchange.response_body.size() + text.size() < kPieceBytes) {
    exchange.response_body.append(text);
  } else if (!send_stream(text)) {
    end_aborted();
  }
}

void flush_stream() {
  if (!current_exchange().caller_gone && !send_stream({})) end_aborted();
}

}  // namespace phork::sapi
