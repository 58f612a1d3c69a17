// SPDX-License-Identifier: MIT
//
// The response to a request that was written past cpp-httplib (chunked_post.h), put together from
// the bytes as they arrive. Pure. Interim responses (1xx) are skipped. Reads a body whose length is
// stated and small, as the Runtime API's are; after any other body the connection cannot be used
// again.
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
  bool is_coded_ = false;  // only the transfer coding tells where the body ends
  Reply reply_;
};

}  // namespace phork::lambda
