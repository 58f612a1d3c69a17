// SPDX-License-Identifier: MIT
//
// The Runtime API over HTTP, version 2018-06-01, as Lambda and its emulators speak it. Contract and
// failures: runtime_api.h. Connects with the first call and then keeps that one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/pinned.h"
#include "runtime/lambda/api_connection.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda {

// The event in a whole reply to `next`, whose bytes may come from a file that another process
// filled with raw_next(). Errors as those of next(), without the address.
base::Result<event::Invocation> read_next_reply(std::string_view bytes);

// The API's verdict in its reply to an answer or an error.
Posted read_verdict(const Reply& reply);

// The API's reply to the question for a restore.
enum class Restore : std::uint8_t {
  kAskAgain,    // it had closed the connection
  kRestored,    // this environment continues a snapshot
  kNotOffered,  // there are no snapshots here
};

class HttpRuntimeApi final : public RuntimeApi, private base::Pinned {
 public:
  explicit HttpRuntimeApi(const Endpoint& endpoint, ConnectionOptions options = {});

  // A deadline that is missing, not a number or more than a day away (one emulator mistakes its
  // unit) becomes 15 minutes from now, the longest timeout of a function: serving the event is
  // worth more than refusing it for an unknown limit.
  base::Result<event::Invocation> next() override;
  base::Result<Posted> respond(const event::Invocation& invocation,
                               const event::Answer& answer) override;
  base::Result<Posted> fail(const event::Invocation& invocation,
                            const event::Failure& failure) override;

  base::Status begin_stream(const event::Invocation& invocation,
                            const std::string& content_type) override;
  base::Status write_stream(std::string_view bytes, base::Deadline deadline) override;
  base::Result<Posted> end_stream(const event::Failure* failure) override;
  base::Result<Posted> fail_init(const event::Failure& failure) override;
  base::Result<Posted> fail_restore(const event::Failure& failure) override;
  void interrupt() override;

  // next() in two steps, as ApiConnection::ask() and collect().
  base::Status ask_next();
  base::Result<std::optional<event::Invocation>> take_next();

  // Says that this environment is ready for its snapshot. Two steps, as ApiConnection::ask() and
  // collect(): the reply comes when Lambda has restored an environment from the snapshot.
  base::Status ask_restore();
  base::Result<Restore> take_restore();

  // To continue on the connection of another process, and to hand it on: api_connection.h.
  ApiConnection& connection() { return connection_; }

  // All bytes of the reply of the last next(), for read_next_reply(); until the next call.
  std::string_view raw_next() const { return connection_.raw_reply(); }

 private:
  base::Result<Posted> post(const std::string& path, const std::string& header_lines,
                            std::string_view body);
  base::Result<Posted> post_error(const std::string& path, std::string header_lines,
                                  const event::Failure& failure);

  ApiConnection connection_;
};

}  // namespace phork::lambda
