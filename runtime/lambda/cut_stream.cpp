// SPDX-License-Identifier: MIT
#include "runtime/lambda/cut_stream.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <type_traits>

#include "runtime/lambda/error_report.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/lambda/receive_buffer.h"
#include "runtime/lambda/reply.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kLineEnd = "\r\n";

static_assert(std::is_trivially_copyable_v<StreamMark>);

Error error(ErrorKind kind, const std::string& reason) {
  return {kind, "lambda: finish cut stream: " + reason};
}

// All bytes that ever got into a socket of TCP, sent or not. The kernel counts those that the peer
// has acknowledged, and the others; no acknowledgement may come between the two.
std::optional<std::uint64_t> written_bytes(int socket) {
  int others = 0;
  for (std::optional<std::uint64_t> before;;) {
    tcp_info info{};
    socklen_t size = sizeof info;
    constexpr socklen_t kNeeded = offsetof(tcp_info, tcpi_bytes_acked) + sizeof(std::uint64_t);
    const int got = ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size);
    if (got == -1 || size < kNeeded) return std::nullopt;
    const std::uint64_t acked = info.tcpi_bytes_acked;
    if (before == acked) return acked + static_cast<std::uint64_t>(others);
    before = acked;
    if (::ioctl(socket, SIOCOUTQ, &others) == -1) return std::nullopt;
  }
}

// Not moved before an earlier one.
void store(std::uint64_t& number, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(number).store(value, std::memory_order_release);
}

// A whole chunk; nothing for no bytes, as that would be the last one.
std::string chunk_of_spaces(std::size_t bytes) {
  if (bytes == 0) return "";
  return std::string(SizeLine(bytes).text()).append(bytes, ' ').append(kLineEnd);
}

// The bytes that the API still waits for.
base::Result<std::string> missing_bytes(const StreamMark& mark, int socket,
                                        const std::string& trailers) {
  const auto written = written_bytes(socket);
  if (!written) return error(ErrorKind::kInvalid, "expected a socket of TCP, got something else");
  const std::uint64_t sent = *written - mark.written_before;
  const Error misfit = error(ErrorKind::kInvalid,
                             "expected a stream whose head has left, got " + std::to_string(sent) +
                                 " bytes of one, a chunk of " + std::to_string(mark.chunk_bytes) +
                                 " bytes at " + std::to_string(mark.chunk_begins_at));
  if (mark.chunk_begins_at == 0 || sent < mark.chunk_begins_at) return misfit;
  if (mark.chunk_bytes > kMaxChunkBytes) return misfit;
  // Where the beginning is recorded and not yet the size, nothing of the chunk has left.
  const std::uint64_t begun = sent - mark.chunk_begins_at;
  std::string missing = begun == 0 ? "" : chunk_of_spaces(mark.chunk_bytes);
  missing.append(SizeLine(0).text());
  if (begun <= missing.size()) return missing.erase(0, begun).append(trailers).append(kLineEnd);
  // The dead process was at its own trailers, and they are sent in one piece where there is room.
  if (begun - missing.size() <= kMaxTrailerBytes) return std::string();
  return misfit;
}

// A reply that comes before all of `bytes` are sent is the last word.
base::Result<Posted> exchange(int socket, std::string_view bytes, base::Deadline deadline) {
  ReplyParser parser(ReplyParser::Body::kOptional);
  ReceiveBuffer buffer;
  while (parser.state() != ReplyParser::State::kWhole) {
    pollfd descriptor{socket, static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    const bool is_late = std::chrono::steady_clock::now() >= deadline;
    if (is_late || base::poll_until({&descriptor, 1}, deadline) == 0) {
      return error(ErrorKind::kTimeout, "no response in time");
    }
    const bool sends = descriptor.revents == POLLOUT;
    const std::span<char> space = buffer.space(1);
    const ssize_t moved =
        sends ? ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
              : ::recv(socket, space.data(), space.size(), MSG_DONTWAIT);
    if (moved == -1 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sends) {
      // A closed connection may still hold a reply.
      bytes.remove_prefix(moved == -1 ? bytes.size() : static_cast<std::size_t>(moved));
      continue;
    }
    if (moved <= 0) return error(ErrorKind::kDisconnected, "the connection was closed");
    buffer.commit(static_cast<std::size_t>(moved));
    if (parser.parse(buffer.bytes()) == ReplyParser::State::kInvalid) {
      return error(ErrorKind::kDisconnected, parser.error());
    }
  }
  const Reply reply = parser.reply(buffer.bytes());
  if (!reply.keeps_connection || !bytes.empty()) ::shutdown(socket, SHUT_RDWR);
  return read_verdict(reply);
}

}  // namespace

SizeLine::SizeLine(std::size_t bytes) {
  char* end = std::to_chars(text_.data(), text_.data() + text_.size(), bytes, 16).ptr;
  end += kLineEnd.copy(end, kLineEnd.size());
  size_ = static_cast<std::size_t>(end - text_.data());
}

void mark_head(StreamMark& mark, int socket, std::size_t head_bytes) {
  mark_end(mark);
  const auto written = written_bytes(socket);
  if (!written) return;
  store(mark.written_before, *written);
  store(mark.chunk_bytes, 0);
  store(mark.chunk_begins_at, head_bytes);
}

void mark_chunk(StreamMark& mark, std::size_t bytes) {
  if (mark.chunk_begins_at == 0) return;
  const std::size_t size_line = SizeLine(mark.chunk_bytes).text().size();
  const std::size_t frame = mark.chunk_bytes == 0 ? 0 : size_line + kLineEnd.size();
  store(mark.chunk_begins_at, mark.chunk_begins_at + mark.chunk_bytes + frame);
  store(mark.chunk_bytes, bytes);
}

void mark_end(StreamMark& mark) {
  store(mark.chunk_begins_at, 0);
}

base::Result<Posted> finish_cut_stream(base::Fd socket, StreamMark mark,
                                       const event::Failure& failure, base::Deadline deadline) {
  const auto missing = missing_bytes(mark, socket.get(), error_trailers(failure));
  auto posted = missing ? exchange(socket.get(), missing.value(), deadline)
                        : base::Result<Posted>(missing.error());
  if (!posted) ::shutdown(socket.get(), SHUT_RDWR);
  return posted;
}

}  // namespace phork::lambda
