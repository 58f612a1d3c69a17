// SPDX-License-Identifier: MIT
//
// One kept-alive HTTP connection, of a slot or of the extension, on cpp-httplib: it connects,
// writes requests and parses responses; Exchange moves the bytes. One thread, except interrupt().
// Errors are kDisconnected and name the address, or kStopped.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include <httplib.h>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/lambda/environment.h"

namespace phork::lambda {

class ApiConnection {
 public:
  ApiConnection(const Endpoint& endpoint, const std::string& user_agent);
  ApiConnection(const ApiConnection&) = delete;
  ApiConnection& operator=(const ApiConnection&) = delete;
  ~ApiConnection();

  // Waits for the response until there is one. Asked again, once, where a connection that had been
  // idle turns out to be closed: an API that has handed an event over hands it over again.
  base::Result<httplib::Response> get(const std::string& path,
                                      const httplib::Headers& headers = {});

  // Repeated, once, only where not a byte of it has left. Borrows `body` for the call, uncopied.
  base::Result<httplib::Response> post(const std::string& path, const httplib::Headers& headers,
                                       std::string_view body, const std::string& content_type);

  // Ends get(), a running one and all later ones. Never taken back.
  void interrupt();

  const std::string& address() const { return address_; }

 private:
  class Client;

  base::Error describe(const char* action, httplib::Error error) const;

  const std::string address_;
  const base::Fd wake_;  // an eventfd that stays readable once interrupted
  std::atomic<bool> interrupted_ = false;
  const std::unique_ptr<Client> client_;
};

}  // namespace phork::lambda
