// SPDX-License-Identifier: MIT
//
// Streamed answers as HTTP clients see them: a runtime in its own process, the gateway, and clients
// that look at every byte.
#include "emulator/gateway/gateway.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "emulator/gateway/stream_reply.h"
#include "runtime/base/pinned.h"
#include "tests/unit/emulator/raw_runtime.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::emulator::test::RawRuntime;
using phork::emulator::test::RawSocket;

namespace {

constexpr const char* kGateVariable = "FAKE_RUNTIME_GATE";
constexpr std::string_view kPreludeType = "application/vnd.awslambda.http-integration-response";

// Holds the runtime until the test opens the gate (a FIFO) too.
void wait_at_gate() {
  const phork::base::Fd gate(::open(std::getenv(kGateVariable), O_RDONLY | O_CLOEXEC));
}

std::string prelude(const std::string& json) {
  return json + std::string(8, '\0');
}

// Requests for /name/rest do as `name` says. False where there is nothing to end.
bool obey(const std::string& name, RawRuntime& runtime) {
  const std::string html = prelude(R"({"statusCode":201,"headers":{"content-type":"text/html"},)"
                                   R"("cookies":["a=1; Path=/","b=2"]})");
  if (name == "raw") return runtime.begin("text/plain") && runtime.chunk("raw");
  if (name == "untyped") return runtime.begin("") && runtime.chunk("bytes");
  if (name == "empty") return runtime.begin("text/plain");
  runtime.begin(kPreludeType);
  if (name == "garbled") return runtime.chunk(prelude("<html>")) && runtime.chunk("rest");
  if (name == "endless") {
    const std::string spaces(kMaxPreludeBytes / 4, ' ');
    for (int i = 0; i < 5; ++i) runtime.chunk(spaces);
    return true;
  }
  if (name == "unfinished") return runtime.chunk("{}");
  if (name == "fail-early") return true;
  if (name == "204" || name == "304") {
    return runtime.chunk(prelude("{\"statusCode\":" + name + "}") + "not sent");
  }
  if (name == "steps") {
    runtime.chunk(html + "one");
    wait_at_gate();
    return runtime.chunk("two");
  }
  if (name == "endlessly") {
    runtime.chunk(html);
    while (runtime.chunk("x")) {
    }
    return false;
  }
  runtime.chunk(html + "page ");
  if (name == "crash") {
    wait_at_gate();
    ::_exit(3);
  }
  return runtime.chunk(std::to_string(::getpid()));
}

void serve_one(RawRuntime& runtime) {
  if (runtime.next() != 200) ::_exit(9);
  const std::string path = runtime.body().substr(runtime.body().find("\"rawPath\":\"/") + 12);
  const std::string name = path.substr(0, path.find_first_of("/\""));
  const bool to_end = obey(name, runtime);
  if (!to_end) {
    runtime = RawRuntime(std::getenv("AWS_LAMBDA_RUNTIME_API"));
    return;
  }
  const bool fails = name.starts_with("fail");
  runtime.end(fails ? "Lambda-Runtime-Function-Error-Type: Function.Half\r\n" : "");
}

struct Fixture : private phork::base::Pinned {
  phork::base::Fd log_file{::memfd_create("log", MFD_CLOEXEC)};
  std::string folder;
  LogSink log{log_file.get()};
  std::unique_ptr<LocalLambda> lambda;
  std::unique_ptr<Gateway> front;

  Fixture() {
    char path[] = "/tmp/phork-front-test-XXXXXX";
    REQUIRE(::mkdtemp(path) != nullptr);
    folder = path;
    REQUIRE(::mkfifo(gate().c_str(), 0600) == 0);
    FunctionConfig config;
    config.program = std::filesystem::read_symlink("/proc/self/exe").string();
    config.arguments = {"--no-skip", "--test-case=streaming runtime (helper process)"};
    config.task_root = "/";
    config.handler = "handler";
    config.timeout = 20s;
    config.environment = phork::process::current_environment();
    phork::process::set_variable(config.environment, kGateVariable, gate());
    lambda = std::make_unique<LocalLambda>(std::move(config), log, "fake");
    front = std::make_unique<Gateway>(*lambda, *find_payload("v2"));
    REQUIRE(front->start(0).ok());
    REQUIRE(lambda->start().ok());
  }

  ~Fixture() {
    lambda->request_stop();
    front->stop();
    lambda->stop();
    std::filesystem::remove_all(folder);
  }

  std::string gate() const { return folder + "/gate"; }

  void open_gate() const {
    const phork::base::Fd opened(::open(gate().c_str(), O_WRONLY | O_CLOEXEC));
  }

  RawSocket ask(const std::string& request) const {
    RawSocket socket(front->port());
    REQUIRE(socket.connected());
    socket.send(request);
    return socket;
  }

  // All that comes back until the connection closes.
  std::string answer(const std::string& request) const { return ask(request).receive_all(); }

  // The log of all events so far; their last one is complete once another has been served.
  std::string log_text() {
    answer("GET /page HTTP/1.0\r\n\r\n");
    log.flush();
    std::string text(static_cast<std::size_t>(::lseek(log_file.get(), 0, SEEK_END)), '\0');
    REQUIRE(::pread(log_file.get(), text.data(), text.size(), 0) ==
            static_cast<ssize_t>(text.size()));
    return text;
  }

  bool is_logged(const std::string& words) { return log_text().find(words) != std::string::npos; }
};

const std::string kHtmlHead =
    "HTTP/1.1 201 Created\r\ncontent-type: text/html\r\nset-cookie: a=1; Path=/\r\n"
    "set-cookie: b=2\r\n";
const std::string kClose = "Connection: close\r\n\r\n";

bool ends_chunked(const std::string& answer) {
  return answer.ends_with("\r\n0\r\n\r\n");
}

}  // namespace

TEST_CASE("streaming runtime (helper process)" * doctest::skip()) {
  std::signal(SIGTERM, SIG_DFL);  // doctest would report it as a crash
  RawRuntime runtime(std::getenv("AWS_LAMBDA_RUNTIME_API"));
  while (true) serve_one(runtime);
}

TEST_CASE_FIXTURE(Fixture, "the head and each part arrive while the runtime works on the next") {
  RawSocket client = ask("GET /steps HTTP/1.1\r\nHost: a\r\n" + kClose);
  CHECK(client.receive_until("one\r\n") ==
        kHtmlHead + "transfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\none\r\n");
  open_gate();
  CHECK(client.receive_all() == "3\r\ntwo\r\n0\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "an HTTP/1.0 client gets no chunks; the connection ends the body") {
  RawSocket client = ask("GET /steps HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
  CHECK(client.receive_until("one") == kHtmlHead + "connection: close\r\n\r\none");
  open_gate();
  CHECK(client.receive_all() == "two");
}

TEST_CASE_FIXTURE(Fixture, "a reply without a body sends none and keeps its connection") {
  RawSocket client = ask("HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.receive_until("\r\n\r\n") == kHtmlHead + "\r\n");
  for (const char* status : {"204", "304"}) {
    client.send("GET /" + std::string(status) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = client.receive_until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 " + std::string(status)));
    CHECK(head.find("transfer-encoding") == std::string::npos);
  }
  client.send("GET /raw HTTP/1.1\r\nHost: a\r\n" + kClose);
  CHECK(client.receive_all().starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "a connection is used again after a chunked answer") {
  RawSocket client =
      ask("GET /raw HTTP/1.1\r\nHost: a\r\n\r\nGET /raw/2 HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    CHECK(client.receive_until("0\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
          "3\r\nraw\r\n0\r\n\r\n");
  }
}

TEST_CASE_FIXTURE(Fixture, "an answer without a prelude is a body with its content type") {
  CHECK(answer("GET /raw HTTP/1.0\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nraw");
  CHECK(answer("GET /untyped HTTP/1.0\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\nconnection: close\r\n\r\n"
        "bytes");
  CHECK(answer("GET /empty HTTP/1.1\r\nHost: a\r\n" + kClose) ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n"
        "connection: close\r\n\r\n0\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a failure after the head cuts the connection and is logged") {
  std::string path;
  std::string type;
  std::string words;
  SUBCASE("told in the trailers") {
    path = "/fail";
    type = "Function.Half";
    words = "the streamed response ended with an error";
  }
  SUBCASE("the end of the runtime") {
    path = "/crash";
    type = "Runtime.TruncatedResponse";
    words = "Runtime exited with error: exit status 3";
  }
  RawSocket client = ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.receive_until("page ").starts_with(kHtmlHead));
  if (path == "/crash") open_gate();
  CHECK_FALSE(ends_chunked(client.receive_all()));
  const std::string text = log_text();
  CHECK(text.find("\tStatus: error\tError Type: " + type) != std::string::npos);
  CHECK(text.find(" Error: " + words) != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a failure before the head becomes the gateway's error") {
  CHECK(answer("GET /fail-early HTTP/1.1\r\nHost: a\r\n" + kClose).starts_with("HTTP/1.1 500 "));
  CHECK(is_logged("Error Type: Function.Half"));
}

TEST_CASE_FIXTURE(Fixture, "a wrong prelude becomes a bad gateway, and the log says why") {
  std::string path;
  std::string words;
  SUBCASE("garbled") {
    path = "/garbled";
    words = "expected a JSON object";
  }
  SUBCASE("endless") {
    path = "/endless";
    words = "expected at most 1 MiB before its eight NUL bytes";
  }
  SUBCASE("unfinished") {
    path = "/unfinished";
    words = "expected eight NUL bytes, got the end of the response";
  }
  RawSocket client =
      ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\nGET /raw HTTP/1.1\r\nHost: a\r\n" + kClose);
  CHECK(client.receive_until("\r\n").starts_with("HTTP/1.1 502 "));
  // The function does not notice, and the connection stays open.
  CHECK(ends_chunked(client.receive_all()));
  CHECK(is_logged(" Error: http: read stream prelude: " + words));
}

TEST_CASE_FIXTURE(Fixture, "a client that leaves ends its event but not the runtime") {
  const std::string page = answer("GET /page HTTP/1.0\r\n\r\n");
  RawSocket client = ask("GET /endlessly HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.receive_until("\r\n\r\n").starts_with(kHtmlHead));
  client.close();
  // The page shows the pid of the runtime.
  CHECK(answer("GET /page HTTP/1.0\r\n\r\n") == page);
  CHECK(is_logged("\tStatus: error\tError Type: Emulator.CallerGone"));
}
