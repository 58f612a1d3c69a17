// SPDX-License-Identifier: MIT
//
// One HTTP request and its response on a connected socket. Replaces cpp-httplib's own SocketStream,
// because that one sends header and body apart, cannot wait without a limit, cannot be interrupted,
// and raises SIGPIPE. Lives for the call; used by one thread; borrows socket and buffer. The socket
// blocks and has its own send and receive timeouts. Failure: read() or write() return -1, which
// httplib makes an error of, and trace() says why.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <httplib.h>

namespace phork::lambda {

class SocketStream final : public httplib::Stream {
 public:
  // How far the exchange came, which decides whether it may be repeated.
  struct Trace {
    std::size_t bytes_sent = 0;  // taken by the kernel; the server may have them
    std::size_t bytes_received = 0;
    bool request_cut = false;  // the server closed before it had all of the request
    bool interrupted = false;  // see `wake`
    bool closed = false;       // end of stream where more was expected, if that is the failure
    int error = 0;             // errno of the call that failed; EAGAIN: the socket's timeout
  };

  // With `wake`, waits for the response without limit until that descriptor becomes readable.
  // `when_sent`, if not empty, is called when the request has left, before the response is read.
  SocketStream(int socket, std::optional<int> wake, std::vector<char>& buffer,
               std::function<void()> when_sent = {})
      : socket_(socket), wake_(wake), buffer_(buffer), when_sent_(std::move(when_sent)) {}

  const Trace& trace() const { return trace_; }

  // Reads and writes wait by themselves, so there is nothing to check before them.
  bool is_readable() const override { return true; }

  bool is_writable() const override { return true; }

  // The first write, which is the header, is kept back and leaves together with the second one, or
  // with the first read where there is no body: one system call and, up to a segment, one packet.
  ssize_t write(const char* data, std::size_t size) override;
  ssize_t read(char* data, std::size_t size) override;
  // For servers only.
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;

  socket_t socket() const override { return socket_; }

 private:
  bool transmit(std::string_view body);
  bool await_response();
  ssize_t receive();
  std::string_view take_head(std::string_view received);

  const int socket_;
  const std::optional<int> wake_;
  std::vector<char>& buffer_;
  std::function<void()> when_sent_;
  Trace trace_;
  std::string request_head_;
  std::string response_head_;
  std::size_t head_end_matched_ = 0;  // bytes of the blank line seen in a row
  std::string_view unread_;           // of buffer_ or response_head_
};

}  // namespace phork::lambda
