// SPDX-License-Identifier: MIT
//
// A minimal runtime: a client that makes the three calls over one kept-alive connection.
// Tests of the API server run it in a thread, tests of environments in a process (the test binary
// started with fake_runtime_arguments).
#pragma once

#include <string>
#include <vector>

#include <httplib.h>

namespace phork::emulator::test {

struct Reply {
  int status = -1;  // -1: no answer
  std::string body;
  httplib::Headers headers;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }

  std::string request_id() const { return header("Lambda-Runtime-Aws-Request-Id"); }
};

class FakeRuntime {
 public:
  // `address` as in AWS_LAMBDA_RUNTIME_API.
  explicit FakeRuntime(const std::string& address) : client_("http://" + address) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_read_timeout(60);
  }

  Reply next() { return reply(client_.Get("/2018-06-01/runtime/invocation/next")); }

  Reply respond(const std::string& id, const std::string& body,
                const httplib::Headers& headers = {}) {
    return post("invocation/" + id + "/response", body, headers);
  }

  Reply fail(const std::string& id, const std::string& body, const std::string& type) {
    return post("invocation/" + id + "/error", body,
                {{"Lambda-Runtime-Function-Error-Type", type}});
  }

  Reply init_error(const std::string& body) { return post("init/error", body, {}); }

  Reply restore_error(const std::string& body) { return post("restore/error", body, {}); }

  Reply get(const std::string& path, const httplib::Headers& headers = {}) {
    return reply(client_.Get(path, headers));
  }

 private:
  Reply post(const std::string& path, const std::string& body, const httplib::Headers& headers) {
    return reply(client_.Post("/2018-06-01/runtime/" + path, headers, body, "application/json"));
  }

  static Reply reply(const httplib::Result& result) {
    if (!result) return {};
    return {result->status, result->body, result->headers};
  }

  httplib::Client client_;
};

// Arguments that make the test binary a runtime.
inline std::vector<std::string> fake_runtime_arguments() {
  return {"--no-skip", "--test-case=fake runtime (helper process)"};
}

}  // namespace phork::emulator::test
