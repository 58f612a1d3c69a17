// SPDX-License-Identifier: MIT
#include "php-worker/sapi/server_context.h"

#include <algorithm>
#include <pthread.h>
#include <unistd.h>
#include <utility>

#include "php-worker/sapi/php.h"

namespace phork::sapi {
namespace {

bool copied = false;  // since the event began
std::string entry;

// The most that is kept back, and the longest piece: memory stays flat at both ends.
constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;

bool send_piece(ServerContext& context, std::string_view bytes) {
  if (context.stream_begun) return context.sink->write(bytes);
  context.stream_begun = true;
  return context.sink->begin(context.status, context.headers, bytes);
}

// Sends `bytes` in pieces; sends a first, empty piece even when there are none.
bool send_pieces(ServerContext& context, std::string_view bytes) {
  do {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    if (!send_piece(context, piece)) return false;
    bytes.remove_prefix(piece.size());
  } while (!bytes.empty());
  return true;
}

void end_aborted() {
  // Leaves by longjmp: no local of ours on the stack may need its destructor.
  php_handle_aborted_connection();
}

}  // namespace

const char* ServerContext::variable(std::string_view name) const {
  const auto found = std::ranges::find(variables, name, &event::NameValue::name);
  return found == variables.end() ? "" : found->value.c_str();
}

bool is_copy() {
  return copied;
}

void note_copies() {
  copied = false;
  [[maybe_unused]] static const int watching =
      ::pthread_atfork(nullptr, nullptr, [] { copied = true; });
}

ServerContext& current_context() {
  static ServerContext context;
  return context;
}

void set_entry_script(std::string path) {
  entry = std::move(path);
}

const std::string& entry_script() {
  return entry;
}

bool send_stream(std::string_view bytes) {
  ServerContext& context = current_context();
  if (context.caller_gone) return false;
  // A rehearsal has no caller, and a copy that PHP code forked must not answer.
  if (context.sink == nullptr || is_copy()) {
    context.response_body.clear();
    return true;
  }
  const bool pending = !context.response_body.empty();
  const bool sent = (!pending || send_pieces(context, context.response_body)) &&
                    ((bytes.empty() && context.stream_begun) || send_pieces(context, bytes));
  context.response_body.clear();
  context.caller_gone = !sent;
  return sent;
}

void stream_output(std::string_view text) {
  ServerContext& context = current_context();
  if (context.caller_gone) return;
  if (context.response_body.size() + text.size() < kPieceBytes) {
    context.response_body.append(text);
  } else if (!send_stream(text)) {
    end_aborted();
  }
}

void flush_stream() {
  if (!current_context().caller_gone && !send_stream({})) end_aborted();
}

}  // namespace phork::sapi
