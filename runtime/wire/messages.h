// SPDX-License-Identifier: MIT
//
// The messages between supervisor, zygote and worker: a closed list of plain values. frames.h turns
// them into bytes; PROTOCOL.md says who sends which and when. Views borrow from the sender's
// buffers, or from the payload that the message was decoded from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::wire {

enum class FrameType : std::uint8_t {
  // worker -> supervisor
  kReady = 1,
  kBootFailed = 2,
  kAnswer = 3,
  kResponse = 4,
  kFailure = 5,
  kStreamHead = 6,
  kStreamPiece = 7,
  kStreamEnd = 8,
  // supervisor -> worker
  kInvoke = 16,
  kRequest = 17,
  // supervisor <-> zygote
  kFork = 32,
  kForked = 33,
  kExited = 34,
};

// A worker that gets this signal interrupts PHP: its deadline is near. A real-time signal, as PHP
// code has its own use for the others; the number is SIGRTMIN + 10 of glibc and musl alike.
inline constexpr int kInterruptSignal = 44;

// A worker says in each Ready what it serves.
enum class Serves : std::uint8_t {
  kEvents = 1,
  kHttp = 2,     // the entry, whatever the request's path
  kScripts = 3,  // the file that the request's path leads to
};

// The cost of one event inside the worker.
struct Usage {
  std::uint32_t minor_faults = 0;
  std::uint64_t php_us = 0;  // from the frame read to the answer made
};

// The worker has booted and waits for its event.
struct Ready {
  Serves serves = Serves::kEvents;
  std::uint32_t generation = 0;  // of the zygote; 0 where there is none
  std::uint64_t boot_us = 0;     // since the start of the process, or its fork; 0 under rollback
};

// The answer of a handler: JSON text.
struct Answer {
  Usage usage;
  std::string_view json;
};

// The answer of an HTTP entry.
struct Response {
  Usage usage;
  std::uint16_t status = 200;
  std::vector<event::NameValue> headers;
  std::string_view body;
};

// The beginning of an answer that is sent while it is made, with its first bytes.
struct StreamHead {
  std::uint16_t status = 200;  // 0: no HTTP, `bytes` and what follows is all of the answer
  std::vector<event::NameValue> headers;
  std::string_view bytes;
};

struct StreamPiece {
  std::string_view bytes;
};

// The stream is whole. One that breaks off ends with a Failure instead.
struct StreamEnd {
  Usage usage;
};

// The event failed, or (kBootFailed) the worker could not boot.
struct Failed {
  Usage usage;
  event::Failure failure;
};

// An HTTP event, already turned into CGI variables (http/cgi_event.h).
struct Request {
  event::Invocation invocation;  // its `event` is left empty
  std::vector<event::NameValue> variables;
  std::string_view body;
};

// The zygote's answer to kFork (which has no payload; it carries the child's descriptors).
struct Forked {
  std::int32_t pid = 0;
  std::int32_t error = 0;  // errno of fork, 0 when it worked
};

// A child of the zygote ended and was reaped.
struct Exited {
  std::int32_t pid = 0;
  std::int32_t wait_status = 0;  // as waitpid gives it
  std::uint64_t cpu_us = 0;
  std::uint64_t max_rss_bytes = 0;
};

}  // namespace phork::wire
