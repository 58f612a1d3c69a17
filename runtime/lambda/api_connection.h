// SPDX-License-Identifier: MIT
//
// One kept-alive HTTP/1.1 connection to the Runtime API. In the usual case an exchange is two
// system calls: sendmsg(2) for all of the request, recv(2) for all of the reply. One thread, except
// interrupt(). Errors name the address; they are kDisconnected or kStopped where nothing else is
// said. After any error the next request opens another connection.
//
// No call asks beforehand whether a kept connection is still open; the request finds out. If the
// API closes it before any byte of the reply, the request is repeated, once, on a new connection.
// To repeat is harmless: the API hands an event out again, and it takes one answer to an event and
// refuses another (Posted::kAccepted). A request is also repeated if the reply says that other
// bytes stood before it: 400, and the API closes. Nothing is repeated after a timeout, on a
// connection that was opened for the request, or of a stream.
//
// A connection can serve one process after another (adopt(), socket()), even forked ones that all
// hold the descriptor, while no two use it at once. No byte is kept between two exchanges: bytes
// behind a reply end the connection, by shutdown(2), which all holders see.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/lambda/receive_buffer.h"
#include "runtime/lambda/reply.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda {

struct StreamMark;
// The platform records it as the release of the runtime.
inline constexpr const char* kUserAgent = "aws-lambda-phork/" PHORK_VERSION;

struct ConnectionOptions {
  std::string user_agent = kUserAgent;
  // The longest time without progress. None applies while get() waits for the first byte.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
};

class ApiConnection : private base::Pinned {
 public:
  // Connects with the first request.
  explicit ApiConnection(const Endpoint& endpoint, ConnectionOptions options = {});
  ~ApiConnection();

  // Waits for the reply until there is one. `header_lines` have their line ends. Replies borrow
  // this object's buffer until the next request.
  base::Result<Reply> get(const std::string& path, std::string_view header_lines = "");
  // get() in two steps, for a thread that waits for much else: collect() reads the reply, to its
  // end, when socket() is readable. Nothing: the API had closed the kept connection, ask again.
  base::Status ask(const std::string& path, std::string_view header_lines = "");
  base::Result<std::optional<Reply>> collect();
  base::Result<Reply> post(const std::string& path, std::string_view header_lines,
                           std::string_view body);  // which is borrowed

  // A post that is sent in chunks while its body is made: begin, writes, end. Connects, but sends
  // nothing before the first write. get() and post() before the end abandon it and its connection.
  base::Status begin_stream(const std::string& path, std::string_view header_lines);
  // One chunk, in one message where there is room (several above kMaxChunkBytes); no bytes, no
  // chunk. A failure is returned again. kTimeout: the rest of the chunk was kept, for end_stream()
  // to send; no more is taken. kRefused: the API answered already; end_stream() returns the answer.
  base::Status write_stream(std::string_view bytes, base::Deadline deadline);
  // `trailers` are whole lines that the headers announced, or nothing.
  base::Result<Reply> end_stream(std::string_view trailers);

  void set_mark(StreamMark* mark) { mark_ = mark; }  // for finish_cut_stream(); null: no marks

  // Continues on another's connection, between two exchanges. If invalid, the next request opens
  // one.
  void adopt(base::Fd socket);
  // Connects anew, between two exchanges; `ends` the old connection for its other holders, too.
  void reopen(bool ends = true);

  int socket() const { return socket_.get(); }  // -1 where none is open

  bool has_reconnected() const { return has_reconnected_; }  // since adopt()

  // All bytes of the last reply, as they came, until the next request.
  std::string_view raw_reply() const { return parser_.raw(buffer_.bytes()); }

  // From any thread or signal handler, for good: get() returns kStopped, also where it waits.
  void interrupt();

  // get() asks `gone` about every second while it waits, and returns kStopped when it is true.
  void stop_when(std::function<bool()> gone) { gone_ = std::move(gone); }

  const std::string& address() const { return address_; }

 private:
  base::Result<Reply> exchange(std::string_view head, std::string_view body);
  void prepare(const char* action, ReplyParser::Body body);
  std::string head_of(const char* method, const std::string& path, std::string_view lines) const;
  Reply take_reply();
  bool connect();
  bool send(std::span<iovec> parts);
  bool may_begin();
  bool may_wait();
  bool await_rest();
  bool read_reply();
  bool may_be_silent(int code, unsigned& silences);
  ssize_t receive(int flags);
  void disconnect();
  bool is_quiet() const;
  bool send_chunk(std::span<iovec> parts, base::Deadline deadline);
  bool await_room(std::span<const iovec> parts, base::Deadline deadline);
  bool look();
  bool fail_stream(int code);
  bool fail_early();
  void give_up_stream();
  bool fail(base::ErrorKind kind, const std::string& reason);
  bool fail(int code);
  base::Error error(base::ErrorKind kind, const std::string& reason) const;

  const Endpoint endpoint_;
  const std::string address_;
  const ConnectionOptions options_;
  std::atomic<bool> interrupted_ = false;
  std::atomic<int> waiting_ = -1;  // the socket at which get() waits
  std::function<bool()> gone_;

  base::Fd socket_;
  bool has_reconnected_ = false;
  ReceiveBuffer buffer_;

  const char* action_ = "";  // this and what follows: of the latest request
  bool is_patient_ = false;  // waits for the first byte without limit
  unsigned rests_ = 0;       // after an interruption, for the rest of a reply
  bool was_kept_ = false;    // the connection was open before
  bool has_sent_ = false;
  bool is_cut_ = false;     // the API closed before it had all of the request
  bool is_broken_ = false;  // the API closed, or never got to see the request
  std::optional<base::Error> failure_;
  ReplyParser parser_;

  bool is_streaming_ = false;
  std::string unsent_;  // the head of a stream, or the part of a chunk that found no room
  StreamMark* mark_ = nullptr;
};

}  // namespace phork::lambda
