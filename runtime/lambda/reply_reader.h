// SPDX-License-Identifier: MIT
//
// The response to a request that was written past cpp-httplib (chunked_post.h), put together from
// the bytes as they arrive. Pure. Interim responses (1xx) are skipped. A body is read where its
// length is told and small, as the Runtime API's are; after any other the connection has no use.
// https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace phork::lambda {

struct Reply {
  int status = 0;
  std::string body;
  bool keeps_connection = true;
};

class ReplyReader {
 public:
  enum class State {
    kHead,     // no response yet, or a part of its head
    kBody,     // its head, and not all of its body
    kWhole,    // reply() is complete
    kInvalid,  // what came is not HTTP/1
  };

  State take(std::string_view bytes);

  State state() const { return state_; }

  const Reply& reply() const { return reply_; }

 private:
  bool skip_interim();
  void read_head(std::string_view head);
  void read_header(std::string_view line);
  void read_body();

  State state_ = State::kHead;
  std::string received_;
  std::optional<std::size_t> body_bytes_;
  bool is_coded_ = false;  // a body whose end only its transfer coding tells
  Reply reply_;
};

}  // namespace phork::lambda
