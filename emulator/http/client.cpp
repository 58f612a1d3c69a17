// SPDX-License-Identifier: MIT
#include "emulator/http/client.h"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include "runtime/base/socket_io.h"

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr timeval kReceiveTimeout{30, 0};

}  // namespace

Result<HttpReply> HttpClient::call(std::string_view request, std::string_view method) {
  if (!socket_.valid()) {
    if (Status connected = connect(); !connected) return connected.error();
  }
  if (Status sent = base::send_all(socket_.get(), request, {}); !sent) {
    socket_.reset();
    return sent.error();
  }
  Result<HttpReply> reply = read_reply(method);
  if (!reply) socket_.reset();
  return reply;
}

Status HttpClient::connect() {
  const std::string what = "http: connect to port " + std::to_string(port_);
  base::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return base::system_error(what, errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kReceiveTimeout, sizeof kReceiveTimeout);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), generic, sizeof address) < 0) return base::system_error(what, errno);
  socket_ = std::move(socket);
  input_.emplace(socket_.get());
  return base::ok_status();
}

Result<HttpReply> HttpClient::read_reply(std::string_view method) {
  Result<HttpReply> reply = HttpReply{};
  bool close = false;
  do {
    const Result<std::string> head = read_head();
    if (!head) return head.error();
    reply = parse_reply_head(head.value());
    if (!reply) return reply;
    close = head->starts_with("HTTP/1.0") || has_token(reply->header("connection"), "close");
  } while (reply->status < 200);
  HttpBody body(*input_, reply.value(), method);
  while (const auto part = body.next()) reply->body.append(*part);
  if (!body.complete()) return unfinished("the rest of its body");
  if (close || body.ends_connection()) socket_.reset();
  return reply;
}

Result<std::string> HttpClient::read_head() {
  const std::optional<std::string_view> head = input_->take_head();
  if (!head) return unfinished("the head of a reply");
  return std::string(*head);
}

Error HttpClient::unfinished(const std::string& expected) const {
  const std::string what =
      "http: read reply from port " + std::to_string(port_) + ": expected " + expected;
  if (!input_->failure()) return {ErrorKind::kInvalid, what + ", got something else"};
  return {input_->failure()->kind, what + ": " + input_->failure()->text};
}

}  // namespace phork::emulator
