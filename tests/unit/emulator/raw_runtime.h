// SPDX-License-Identifier: MIT
//
// A runtime that streams: the test decides when its chunks are sent, and whether they are correct.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "emulator/http/message.h"
#include "tests/unit/emulator/raw_socket.h"

namespace phork::emulator::test {

class RawRuntime {
 public:
  // `address` as in AWS_LAMBDA_RUNTIME_API.
  explicit RawRuntime(const std::string& address)
      : socket_(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)))) {}

  RawSocket& socket() { return socket_; }

  // The status of `next`. Its event is kept.
  int next() {
    socket_.send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: a\r\n\r\n");
    const int status = reply();
    if (status != 0) id_ = header("lambda-runtime-aws-request-id");
    return status;
  }

  const std::string& id() const { return id_; }

  // The body of the last reply, such as the event.
  const std::string& body() const { return body_; }

  bool begin(std::string_view content_type) { return begin(content_type, id_); }

  bool begin(std::string_view content_type, std::string_view id) {
    std::string head = "POST /2018-06-01/runtime/invocation/";
    head.append(id).append("/response HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n");
    head.append("Lambda-Runtime-Function-Response-Mode: streaming\r\n");
    head.append("Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");
    head.append("\r\n");
    if (!content_type.empty()) head.append("Content-Type: ").append(content_type).append("\r\n");
    return socket_.send(head.append("\r\n"));
  }

  bool chunk(std::string_view bytes) {
    framed_.clear();
    append_part(framed_, BodyFraming::kChunked, bytes);
    return socket_.send(framed_);
  }

  // The last chunk, with trailers (each with its line end), and the status of the reply.
  int end(std::string_view trailers = {}) {
    std::string last = "0\r\n";
    socket_.send(last.append(trailers).append("\r\n"));
    return reply();
  }

  // The status of the next reply; 0 when the connection ends.
  int reply() {
    head_ = socket_.receive_until("\r\n\r\n");
    if (!head_.starts_with("HTTP/1.1 ")) return 0;
    body_ = socket_.receive(static_cast<std::size_t>(std::atoi(header("content-length").c_str())));
    return std::atoi(head_.c_str() + 9);
  }

 private:
  std::string header(std::string_view lower_name) const {
    const std::string_view fields = std::string_view(head_).substr(head_.find("\r\n") + 2);
    for (std::string_view rest = fields; !rest.empty();) {
      const std::size_t end = rest.find("\r\n");
      const auto field = parse_header_line(rest.substr(0, end));
      if (field && field->name == lower_name) return field->value;
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    }
    return {};
  }

  RawSocket socket_;
  std::string framed_;  // kept, so that a test of memory does not measure allocations here
  std::string head_;
  std::string body_;
  std::string id_;
};

}  // namespace phork::emulator::test
