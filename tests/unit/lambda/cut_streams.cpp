// SPDX-License-Identifier: MIT
#include "tests/unit/lambda/cut_streams.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <doctest/doctest.h>

#include "runtime/base/text.h"
#include "runtime/lambda/error_report.h"

namespace phork::lambda::testing {
namespace {

std::optional<Body> read_body(std::string_view wire) {
  Body body;
  for (;;) {
    const auto line_end = wire.find("\r\n");
    if (line_end == std::string_view::npos) return std::nullopt;
    const auto size = base::parse_number<std::size_t>(wire.substr(0, line_end), 16);
    wire.remove_prefix(line_end + 2);
    if (!size) return std::nullopt;
    if (*size == 0) break;
    if (wire.size() < *size + 2 || wire.substr(*size, 2) != "\r\n") return std::nullopt;
    body.bytes.append(wire.substr(0, *size));
    wire.remove_prefix(*size + 2);
  }
  if (wire != "\r\n" && !wire.ends_with(kHeadEnd)) return std::nullopt;
  body.trailers = wire.substr(0, wire.size() - 2);
  return body;
}

}  // namespace

const event::Failure& failure() {
  static const event::Failure failure{"Runtime.ExitError", "killed by signal 9", {}};
  return failure;
}

base::Fd copy_of(int fd) {
  return base::Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

base::Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

std::string text_from(std::size_t begin, std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (begin + i) % 251 % 26);
  return text;
}

StreamReader::StreamReader(std::size_t pause_at, bool gives_event)
    : server_({[=, this](Connection& connection) {
        if (gives_event) {
          connection.read_request();
          connection.send(event_response("r-1"));
        }
        while (wire_.size() < pause_at && read(connection)) continue;
        paused_.set_value();
        resumed_.get_future().wait();
        while (!is_whole() && read(connection)) continue;
        if (is_whole()) connection.send(status_response("202 Accepted"));
      }}) {}

StreamReader::~StreamReader() {
  resume();
}

void StreamReader::wait_for_pause() {
  REQUIRE(paused_.get_future().wait_for(kLongEnough) == std::future_status::ready);
}

void StreamReader::resume() {
  if (!std::exchange(is_resumed_, true)) resumed_.set_value();
}

const std::string& StreamReader::wire() {
  resume();
  server_.join();
  return wire_;
}

std::optional<Body> StreamReader::body() {
  const std::size_t head_end = wire().find(kHeadEnd);
  REQUIRE(head_end != std::string::npos);
  CHECK(wire_.find("\r\nTrailer: Lambda-Runtime-Function-Error-Type, ") < head_end);
  return read_body(std::string_view(wire_).substr(head_end + kHeadEnd.size()));
}

bool StreamReader::read(Connection& connection) {
  const std::string some = connection.read_some();
  wire_ += some;
  return !some.empty();
}

bool StreamReader::is_whole() const {
  return wire_.ends_with(kHeadEnd) && wire_.find("\r\n0\r\n") != std::string::npos;
}

Begun::Begun(const Endpoint& endpoint) : api(endpoint) {
  api.connection().set_mark(&mark);
  event::Invocation invocation;
  invocation.request_id = "r-1";
  REQUIRE(api.begin_stream(invocation, "text/plain").ok());
}

base::Fd Begun::copy() {
  return copy_of(api.connection().socket());
}

void Begun::send_raw(std::string_view bytes) {
  CHECK(::send(copy().get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(bytes.size()));
}

base::Result<Posted> Begun::finish(base::Deadline deadline) {
  return finish_cut_stream(copy(), mark, failure(), deadline);
}

void shrink_send_buffer(int socket) {
  const int least = 1;
  base::check(::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), "setsockopt");
}

void check_ended(StreamReader& reader, const base::Result<Posted>& posted) {
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  const auto body = reader.body();
  REQUIRE(body);
  CHECK(body->trailers == error_trailers(failure()));
  CHECK((body->bytes.substr(0, body->cut()) == text_from(0, body->cut())));
}

void check_given_up(StreamReader& reader, const std::string& sent,
                    const base::Result<Posted>& posted) {
  REQUIRE_FALSE(posted.ok());
  CHECK(posted.error().kind == base::ErrorKind::kInvalid);
  CHECK((reader.wire() == sent));
}

}  // namespace phork::lambda::testing
