// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <string_view>
#include <unistd.h>

#include <doctest/doctest.h>

#include "emulator/environments/journal.h"
#include "runtime/base/io.h"

namespace phork::emulator {
namespace {

void write_to(const base::Fd& fd, std::string_view text) {
  std::array<iovec, 1> parts{base::as_iovec(text)};
  REQUIRE(base::write_all(fd.get(), parts).ok());
}

// The log after a runtime has written `text` to its standard output.
std::string shown(std::string_view text, bool print_metrics = false) {
  auto log_pipe = base::open_pipe().value();
  {
    LogSink log(log_pipe.second.get());
    FunctionConfig config;
    config.print_metrics = print_metrics;
    Dispatcher dispatcher;
    Statistics statistics("fork");
    Activity activity("fork");
    Sandboxes sandboxes([](std::string_view /*line*/) {});
    const auto lines = make_log_lines(config);
    Telemetry telemetry(config);
    LambdaLog events(log);
    RuntimeOutput output({config, dispatcher, log, events, *lines, statistics, activity, sandboxes},
                         0, telemetry);
    const base::FdPair theirs = output.open().value();
    write_to(theirs.first, text);
    output.drain();
    log.flush();
  }
  std::string bytes(4096, '\0');
  const ssize_t got = ::read(log_pipe.first.get(), bytes.data(), bytes.size());
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

}  // namespace

TEST_SUITE("runtime output") {
  TEST_CASE("lines are logged one by one, those inside a record too") {
    CHECK(shown("one\ntwo\n") == "one\ntwo\n");
    CHECK(shown("PHP Fatal error:  Uncaught E\rStack trace:\r#0 {main}\n") ==
          "PHP Fatal error:  Uncaught E\nStack trace:\n#0 {main}\n");
  }

  TEST_CASE("metrics are counted, and logged only on request") {
    const std::string metrics =
        R"({"phork":"event","request_id":"r-1","strategy":"fork","latency_us":1,"billed_us":2,)"
        R"("minor_faults":3,"php_us":4,"generation":1})"
        "\n";
    CHECK(shown(metrics + "said\n") == "said\n");
    CHECK(shown(metrics, true) == metrics);
  }
}

}  // namespace phork::emulator
