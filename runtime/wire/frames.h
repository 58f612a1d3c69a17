// SPDX-License-Identifier: MIT
//
// The messages between supervisor and PHP worker as bytes: for each of messages.h one encoder and
// one decoder, and the reader that cuts a stream into frames. Pure: bytes in, bytes out, no I/O;
// decoders refuse what does not fit with an error, and never throw. PROTOCOL.md beside this file is
// the prose.
//
// A frame is an 8 byte header (payload length, type, three zero bytes) and a payload; numbers are
// little-endian, texts are length-prefixed, and the one big field of a message comes last without
// a length, so that it is never copied to be sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/wire/messages.h"

namespace phork::wire {

inline constexpr std::size_t kFrameHeaderBytes = 8;
inline constexpr std::size_t kFrameTypeOffset = 4;  // the length comes before it
// A 6 MB event, its base64 and all that surrounds it fit many times over.
inline constexpr std::size_t kMaxPayloadBytes = 256U << 20;

// A frame ready for writev: `head` owns header and small fields, `tail` borrows the big one.
struct EncodedFrame {
  std::string head;
  std::string_view tail;
};

EncodedFrame encode(const Ready& message);
EncodedFrame encode(const Answer& message);
EncodedFrame encode(const Response& message);
EncodedFrame encode(const StreamHead& message);
EncodedFrame encode(const StreamPiece& message);
EncodedFrame encode(const StreamEnd& message);
EncodedFrame encode(FrameType type, const Failed& message);  // kFailure or kBootFailed
// kInvoke; the tail borrows `message.event`.
EncodedFrame encode(const event::Invocation& message);
EncodedFrame encode(const Request& message);
EncodedFrame encode_fork();
EncodedFrame encode(const Forked& message);
EncodedFrame encode(const Exited& message);

// A whole frame as it was received. Views in decoded messages point into `payload`.
struct Frame {
  FrameType type{};
  std::string_view payload;
};

base::Result<Ready> decode_ready(std::string_view payload);
base::Result<Answer> decode_answer(std::string_view payload);
base::Result<Response> decode_response(std::string_view payload);
base::Result<StreamHead> decode_stream_head(std::string_view payload);
base::Result<StreamPiece> decode_stream_piece(std::string_view payload);
base::Result<StreamEnd> decode_stream_end(std::string_view payload);
base::Result<Failed> decode_failed(std::string_view payload);
base::Result<event::Invocation> decode_invoke(std::string_view payload);
base::Result<Request> decode_request(std::string_view payload);
base::Result<Forked> decode_forked(std::string_view payload);
base::Result<Exited> decode_exited(std::string_view payload);

// The one frame that a control message holds; its payload is a view of `bytes`.
base::Result<Frame> parse_message(std::string_view bytes);

// Collects bytes from a stream and cuts them into frames. Read into `space()`, then `commit()`.
class FrameReader {
 public:
  struct Space {
    char* data;
    std::size_t size;
  };

  FrameReader() = default;
  // `frame_` points into `buffer_`, which a copy would not share.
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  FrameReader(FrameReader&&) = default;
  FrameReader& operator=(FrameReader&&) = default;
  ~FrameReader() = default;

  // Room to read into: at least 4 KiB, and all of a frame whose header has been seen by `poll()`.
  // May move what is there, so the views of a current frame end.
  Space space();
  void commit(std::size_t bytes);

  // The next whole frame, kept until `drop()`; an error when the bytes cannot be a frame.
  enum class State { kNeedMore, kFrame };
  base::Result<State> poll();

  const Frame& frame() const { return frame_; }

  // Forgets the current frame; its views end.
  void drop();

  bool empty() const { return filled_ == 0; }

 private:
  std::string buffer_;
  std::size_t filled_ = 0;
  std::size_t frame_bytes_ = 0;  // of the current frame with its header, 0 when unknown
  Frame frame_;
};

}  // namespace phork::wire
