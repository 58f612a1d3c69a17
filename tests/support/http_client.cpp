// SPDX-License-Identifier: MIT
#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/base/socket_io.h"
#include "runtime/base/text.h"

namespace phork::testing {
namespace {

using emulator::HttpReply;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr timeval kTimeout{30, 0};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("tests: call server: " + what);
}

// The bytes of a connection, read when they are needed.
class Reader {
 public:
  explicit Reader(int socket) : socket_(socket) {}

  // Reads up to CR LF, and returns the line without it.
  std::string line() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n", position_)) == std::string::npos) {
      if (!more()) fail("the connection ended in a line");
    }
    std::string text = buffer_.substr(position_, end - position_);
    position_ = end + 2;
    return text;
  }

  std::string bytes(std::size_t count) {
    while (buffer_.size() - position_ < count) {
      if (!more()) fail("the connection ended in the body");
    }
    std::string text = buffer_.substr(position_, count);
    position_ += count;
    return text;
  }

  std::string rest() {
    while (more()) {
      // until the other side closes
    }
    return buffer_.substr(std::exchange(position_, buffer_.size()));
  }

 private:
  bool more() {
    const std::size_t size = buffer_.size();
    buffer_.resize(size + kReadBytes);
    const auto got = base::receive_some(socket_, buffer_.data() + size, kReadBytes);
    buffer_.resize(size + (got ? got.value() : 0));
    if (!got && got.error().kind != base::ErrorKind::kDisconnected) fail(got.error().text);
    return got.ok();
  }

  int socket_;
  std::string buffer_;
  std::size_t position_ = 0;
};

base::Fd connect_to(std::uint16_t port) {
  base::Fd socket(
      base::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "tests: make socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  base::check(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout)),
              "tests: limit the time of a socket");
  base::check(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)),
              "tests: send at once");
  base::check(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              "tests: connect to the server");
  return socket;
}

std::size_t parse_number(std::string_view text, int radix) {
  const auto length = base::parse_number<std::size_t>(text, radix);
  if (!length) fail("expected a length, got '" + std::string(text) + "'");
  return *length;
}

void read_head(Reader& reader, HttpReply& reply) {
  const std::string status = reader.line();
  if (!status.starts_with("HTTP/1.") || status.size() < 12) fail("no status line: " + status);
  std::from_chars(status.data() + 9, status.data() + 12, reply.status);
  for (std::string line = reader.line(); !line.empty(); line = reader.line()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) fail("no header: " + line);
    reply.headers.push_back(
        {line.substr(0, colon), std::string(base::trim(line.substr(colon + 1)))});
  }
}

std::string read_chunks(Reader& reader) {
  std::string body;
  for (;;) {
    const std::string line = reader.line();
    const std::size_t size = parse_number(line.substr(0, line.find(';')), 16);
    if (size == 0) break;
    body.append(reader.bytes(size));
    reader.line();
  }
  reader.line();
  return body;
}

}  // namespace

std::string request_text(const HttpCall& call) {
  std::string text = call.method + " " + call.target + " HTTP/1.1\r\n";
  for (const event::NameValue& header : call.headers) {
    text.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  const bool told = !header_values(call.headers, "content-length").empty();
  const bool sends = call.method == "POST" || call.method == "PUT" || call.method == "PATCH";
  if (!told && (sends || !call.body.empty())) {
    text.append("Content-Length: ").append(std::to_string(call.body.size())).append("\r\n");
  }
  return text.append("\r\n").append(call.body);
}

HttpReply call_server(std::uint16_t port, const HttpCall& call) {
  const base::Fd socket = connect_to(port);
  HttpCall complete = call;
  if (header_values(call.headers, "host").empty()) {
    complete.headers.push_back({"Host", "localhost"});
  }
  const auto sent = base::send_all(socket.get(), request_text(complete), {});
  if (!sent) fail(sent.error().text);
  Reader reader(socket.get());
  HttpReply reply;
  read_head(reader, reply);
  if (!emulator::sends_body(reply.status, call.method)) return reply;
  const auto lengths = header_values(reply.headers, "content-length");
  if (!header_values(reply.headers, "transfer-encoding").empty()) {
    reply.body = read_chunks(reader);
  } else {
    reply.body = lengths.empty() ? reader.rest() : reader.bytes(parse_number(lengths.front(), 10));
  }
  return reply;
}

std::vector<std::string> header_values(const std::vector<event::NameValue>& headers,
                                       std::string_view lower_name) {
  std::vector<std::string> values;
  for (const event::NameValue& header : headers) {
    if (base::equal_in_any_case(header.name, lower_name)) values.push_back(header.value);
  }
  return values;
}

}  // namespace phork::testing
