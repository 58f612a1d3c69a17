// SPDX-License-Identifier: MIT
//
// The reply to a GET or HEAD of a file: all of it, a range of it, or that the client has it
// already. Pure. https://www.rfc-editor.org/rfc/rfc9110#section-13
// https://www.rfc-editor.org/rfc/rfc9110#section-14
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "emulator/http/message.h"

namespace phork::emulator {

struct FileFacts {
  std::uint64_t size = 0;
  timespec modified{};
  std::string_view type;  // Content-Type
};

struct FileReply {
  HttpReply head;  // with Content-Length where the reply states one
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of the file's bytes that are the body
};

// Of several ranges in one request none is taken, as the RFC allows: the reply is the whole file.
FileReply reply_to(const HttpRequest& request, const FileFacts& file);

}  // namespace phork::emulator
