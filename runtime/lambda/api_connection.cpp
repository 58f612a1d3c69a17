// SPDX-License-Identifier: MIT
#include "runtime/lambda/api_connection.h"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/lambda/socket_stream.h"

namespace phork::lambda {
namespace {

using namespace std::chrono_literals;

// The API is on the same machine. These bound what a broken one can cost; none of them runs while
// next waits, so neither a long idle nor the clocks of a thawed environment can trip them.
constexpr auto kConnectTimeout = 5s;
constexpr auto kTransferTimeout = 30s;

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

// True when an idle connection is quiet: no data, no end, no error.
bool is_quiet(int socket) {
  return !base::wait_readable(socket, base::Deadline::min());
}

}  // namespace

// process_socket() is httplib's seam for another transport (its SSLClient uses it too), the same
// from 0.11 to 0.18. httplib checks before each request whether the server has closed the
// connection, and then reconnects; it cannot see a close that crosses with the request, and
// SocketStream::Trace tells how much of that request was on its way.
class ApiConnection::Client final : public httplib::ClientImpl {
 public:
  explicit Client(const Endpoint& endpoint) : ClientImpl(endpoint.host, endpoint.port) {
    set_keep_alive(true);
    // Without it a kept-alive connection waits for the peer's delayed acknowledgement, 40 ms.
    set_tcp_nodelay(true);
    set_connection_timeout(kConnectTimeout);
    // httplib makes these SO_RCVTIMEO and SO_SNDTIMEO of the socket.
    set_read_timeout(kTransferTimeout);
    set_write_timeout(kTransferTimeout);
    set_url_encode(false);  // paths come encoded
    set_decompress(false);  // an event is passed on as it came
    set_socket_options([this](int) { reused_ = false; });
  }

  // Readies for a request; call before each.
  void prepare(std::optional<int> wake, const std::function<void()>& when_sent = {}) {
    wake_ = wake;
    when_sent_ = when_sent;
    reused_ = true;
    trace_ = {};
  }

  const SocketStream::Trace& trace() const { return trace_; }

  // The connection for a request that is written past httplib, or -1. Until disconnect() or the
  // next request it stays open.
  int lend_socket() {
    const std::lock_guard<std::mutex> guard(socket_mutex_);  // as ClientImpl asks of its callers
    if (socket_.is_open() && !is_quiet(socket_.sock)) close();
    httplib::Error error = httplib::Error::Success;
    if (!socket_.is_open() && !create_and_connect_socket(socket_, error)) return -1;
    return socket_.sock;
  }

  void disconnect() {
    const std::lock_guard<std::mutex> guard(socket_mutex_);
    close();
  }

  // True when the last request failed on a connection that had been idle before.
  bool met_stale_connection() const { return reused_ && trace_.bytes_received == 0; }

 private:
  void close() {
    shutdown_socket(socket_);
    close_socket(socket_);
  }

  bool process_socket(const Socket& socket,
                      std::function<bool(httplib::Stream&)> callback) override {
    SocketStream exchange(socket.sock, wake_, buffer_, std::exchange(when_sent_, nullptr));
    const bool done = callback(exchange);
    trace_ = exchange.trace();
    return done;
  }

  std::vector<char> buffer_ = std::vector<char>(kBufferBytes);
  std::optional<int> wake_;
  std::function<void()> when_sent_;
  bool reused_ = false;
  SocketStream::Trace trace_;
};

ApiConnection::ApiConnection(const Endpoint& endpoint, const std::string& user_agent)
    : address_(endpoint.text()),
      wake_(base::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "lambda: make eventfd")),
      client_(std::make_unique<Client>(endpoint)),
      user_agent_(user_agent) {
  client_->set_default_headers({{"User-Agent", user_agent_}});
}

ApiConnection::~ApiConnection() = default;

void ApiConnection::interrupt() {
  interrupted_ = true;
  const std::uint64_t one = 1;
  // Fails only where the counter is full, and then the descriptor is readable anyway.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

base::Result<httplib::Response> ApiConnection::get(const std::string& path,
                                                   const httplib::Headers& headers) {
  give_up_stream();
  constexpr int kAttempts = 2;
  for (int attempt = 1;; ++attempt) {
    // An interruption after this line finds the exchange waiting on wake_, so none is lost.
    if (interrupted_) return base::Error{base::ErrorKind::kStopped, "lambda: get: interrupted"};
    client_->prepare(wake_.get());
    httplib::Result result = client_->Get(path, headers);
    if (result) return std::move(result.value());
    const bool again = attempt < kAttempts && client_->met_stale_connection();
    if (client_->trace().interrupted || !again) return describe("get", result.error());
  }
}

base::Result<httplib::Response> ApiConnection::post(const std::string& path,
                                                    const httplib::Headers& headers,
                                                    std::string_view body,
                                                    const std::string& content_type,
                                                    const std::function<void()>& when_sent) {
  give_up_stream();
  // A provider, because httplib copies a body that it is given as a string twice.
  const auto provide = [body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
    return sink.write(body.data() + offset, length);
  };
  constexpr int kAttempts = 2;
  for (int attempt = 1;; ++attempt) {
    client_->prepare(std::nullopt, when_sent);
    httplib::Result result = client_->Post(path, headers, body.size(), provide, content_type);
    if (result) return std::move(result.value());
    const bool again =
        attempt < kAttempts && client_->met_stale_connection() && client_->trace().bytes_sent == 0;
    if (!again) return describe("post", result.error());
  }
}

base::Status ApiConnection::begin_stream(const std::string& path, httplib::Headers headers) {
  give_up_stream();
  const int socket = client_->lend_socket();
  if (socket == -1) {
    return base::Error{base::ErrorKind::kDisconnected, prefix("stream") + "cannot connect"};
  }
  headers.insert(
      {{"Host", address_}, {"Transfer-Encoding", "chunked"}, {"User-Agent", user_agent_}});
  std::string head = "POST " + path + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  stream_.emplace(socket, std::move(head.append("\r\n")),
                  ChunkedPost::Options{prefix("stream"), kTransferTimeout});
  return base::ok_status();
}

base::Status ApiConnection::write_stream(std::string_view bytes, base::Deadline deadline) {
  if (stream_) return stream_->write(bytes, deadline);
  return base::Error{base::ErrorKind::kInvalid, prefix("stream") + "written before begun [bug]"};
}

base::Result<Reply> ApiConnection::end_stream(std::string_view trailers) {
  if (!stream_) {
    return base::Error{base::ErrorKind::kInvalid, prefix("stream") + "ended before begun [bug]"};
  }
  auto reply = stream_->end(trailers);
  if (!stream_->keeps_connection()) client_->disconnect();
  stream_.reset();
  return reply;
}

// The server waits for the rest of the body, and would take the next request for it.
void ApiConnection::give_up_stream() {
  if (!stream_) return;
  client_->disconnect();
  stream_.reset();
}

std::string ApiConnection::prefix(const char* action) const {
  return std::string("lambda: ") + action + " '" + address_ + "': ";
}

base::Error ApiConnection::describe(const char* action, httplib::Error error) const {
  const SocketStream::Trace& trace = client_->trace();
  const std::string what = prefix(action);
  if (trace.interrupted) return {base::ErrorKind::kStopped, what + "interrupted"};

  std::string reason = "expected an http response, got something else";
  if (error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout) {
    reason = "cannot connect";
  } else if (trace.error == EAGAIN) {
    reason = "no progress for " + std::to_string(kTransferTimeout.count()) + " s";
  } else if (trace.error != 0) {
    reason = std::generic_category().message(trace.error);
  } else if (trace.closed) {
    reason = "the connection was closed before the response was complete";
  }
  return {base::ErrorKind::kDisconnected, what + reason};
}

}  // namespace phork::lambda
