// SPDX-License-Identifier: MIT
//
// Shared by the tests of finish_cut_stream(): an API that reads one stream when it is told to, and
// a stream that has begun.
#pragma once

#include <chrono>
#include <cstddef>
#include <future>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/lambda/cut_stream.h"
#include "runtime/lambda/http_runtime_api.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda::testing {

constexpr auto kLongEnough = std::chrono::seconds(60);
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// The failure that all of them end a stream with.
const event::Failure& failure();

base::Fd copy_of(int fd);

base::Deadline in(std::chrono::milliseconds time);

// A part of an endless text without blanks.
std::string text_from(std::size_t begin, std::size_t size);

// A chunked body as a strict reader takes it.
struct Body {
  std::string bytes;
  std::string trailers;  // without the empty line

  // Where the spaces begin that fill the last chunk up.
  std::size_t cut() const { return bytes.find_last_not_of(' ') + 1; }
};

// Reads one request on its only connection, and answers with 202 when it has all.
class StreamReader : private base::Pinned {
 public:
  // Stops behind `pause_at` bytes, until resume(). `gives_event`: answers a `next` first.
  explicit StreamReader(std::size_t pause_at = 0, bool gives_event = false);
  ~StreamReader();

  Endpoint endpoint() const { return server_.endpoint(); }

  void wait_for_pause();
  void resume();

  // These wait for the end of the connection. All that came:
  const std::string& wire();
  // Nothing where a strict reader finds a fault.
  std::optional<Body> body();

 private:
  bool read(Connection& connection);
  bool is_whole() const;

  std::string wire_;
  std::promise<void> paused_;
  std::promise<void> resumed_;
  bool is_resumed_ = false;
  ScriptedServer server_;
};

// A marked stream on a new connection; no byte of it is sent yet.
struct Begun : private base::Pinned {
  explicit Begun(const Endpoint& endpoint);

  base::Fd copy();
  void send_raw(std::string_view bytes);
  base::Result<Posted> finish(base::Deadline deadline = in(kLongEnough));

  StreamMark mark;
  HttpRuntimeApi api;
};

// As little room as the kernel gives, so that a socket is soon full.
void shrink_send_buffer(int socket);

// The stream had its end and failure(), and only spaces behind the bytes of text_from().
void check_ended(StreamReader& reader, const base::Result<Posted>& posted);
// The stream was left as it was, and its connection was shut down.
void check_given_up(StreamReader& reader, const std::string& sent,
                    const base::Result<Posted>& posted);

}  // namespace phork::lambda::testing
