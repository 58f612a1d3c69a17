// SPDX-License-Identifier: MIT
//
// One kept-alive HTTP connection, of a slot or of the extension, on cpp-httplib: it connects,
// writes requests and parses responses; SocketStream moves the bytes. ChunkedPost writes chunked
// requests on the same connection, which cpp-httplib cannot. One thread, except interrupt(). Errors
// name the address; they are kDisconnected or kStopped where nothing else is said.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <httplib.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/lambda/chunked_post.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda {

class ApiConnection : private base::Pinned {
 public:
  ApiConnection(const Endpoint& endpoint, const std::string& user_agent);
  ~ApiConnection();

  // Waits for the response until there is one. Repeats the request, once, where a connection that
  // had been idle turns out to be closed: the API hands an event over again whose first copy was
  // lost.
  base::Result<httplib::Response> get(const std::string& path,
                                      const httplib::Headers& headers = {});

  // Repeated, once, only where not a byte of it has left. Borrows `body` for the call, uncopied.
  // `when_sent`, if not empty, is called between the request and its response.
  base::Result<httplib::Response> post(const std::string& path, const httplib::Headers& headers,
                                       std::string_view body, const std::string& content_type,
                                       const std::function<void()>& when_sent = {});

  // A post that is sent while its body is made: begin, writes, end. Connects, but sends nothing
  // before the first write. get() and post() before the end abandon it and its connection.
  base::Status begin_stream(const std::string& path, httplib::Headers headers);
  // Errors: chunked_post.h.
  base::Status write_stream(std::string_view bytes, base::Deadline deadline);
  // `trailers` are whole lines that the headers announced, or nothing.
  base::Result<Reply> end_stream(std::string_view trailers);

  // Ends get(), a running one and all later ones, for good.
  void interrupt();

  const std::string& address() const { return address_; }

 private:
  class Client;

  base::Error describe(const char* action, httplib::Error error) const;
  std::string prefix(const char* action) const;
  void give_up_stream();

  const std::string address_;
  const base::Fd wake_;  // an eventfd that stays readable once interrupted
  std::atomic<bool> interrupted_ = false;
  const std::unique_ptr<Client> client_;
  const std::string user_agent_;
  std::optional<ChunkedPost> stream_;  // on the socket of client_
};

}  // namespace phork::lambda
