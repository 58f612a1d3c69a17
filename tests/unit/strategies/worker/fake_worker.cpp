// SPDX-License-Identifier: MIT
#include "tests/unit/strategies/worker/fake_worker.h"

#include <chrono>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/base/socket_io.h"

namespace phork::strategies::testing {
namespace {

constexpr std::uint32_t kGeneration = 3;

void write_text(const base::Fd& pipe, std::string_view text) {
  CHECK(::write(pipe.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

}  // namespace

class FakeWorker::Process final : public WorkerProcess {
 public:
  explicit Process(FakeWorker& worker) : worker_(worker) {}

  int pidfd() const override { return worker_.pidfd_.get(); }

  void interrupt() override {
    ++worker_.interrupts_;
    worker_.on_interrupt();
  }

  void kill_group() override {
    ++worker_.kills_;
    worker_.end(SIGKILL);
  }

  std::optional<process::ExitStatus> wait(base::Deadline deadline) override {
    if (!base::wait_readable(pidfd(), deadline)) return std::nullopt;
    return process::ExitStatus::from_wait_status(worker_.wait_status_);
  }

 private:
  FakeWorker& worker_;
};

base::Deadline soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

FakeWorker::FakeWorker() {
  auto link = WorkerLink::open(theirs_);
  REQUIRE(link.ok());
  link_ = std::move(link).value();
  auto pipe = base::open_pipe();
  REQUIRE(pipe.ok());
  pidfd_ = std::move(pipe->first);
  ending_ = std::move(pipe->second);
}

std::unique_ptr<Worker> FakeWorker::make(const Settings& settings) {
  REQUIRE(link_.has_value());
  auto worker =
      std::make_unique<Worker>(std::move(*link_), std::make_unique<Process>(*this), settings);
  link_.reset();
  return worker;
}

bool FakeWorker::say(const wire::EncodedFrame& frame) const {
  return base::send_all(theirs_.channel.get(), frame.head, frame.tail, soon()).ok();
}

bool FakeWorker::say_bytes(std::string_view bytes) const {
  return base::send_all(theirs_.channel.get(), bytes, "", soon()).ok();
}

void FakeWorker::say_ready(wire::Serves serves) const {
  say(wire::encode(wire::Ready{serves, kGeneration, 0}));
}

void FakeWorker::say_answer(std::string_view json) const {
  say(wire::encode(wire::Answer{{}, json}));
}

std::optional<wire::Frame> FakeWorker::hear() {
  reader_.drop();
  for (;;) {
    const auto state = reader_.poll();
    if (!state) return std::nullopt;
    if (state.value() == wire::FrameReader::State::kFrame) return reader_.frame();
    if (!base::wait_readable(theirs_.channel.get(), soon())) return std::nullopt;
    const auto space = reader_.space();
    const auto got = base::receive_some(theirs_.channel.get(), space.data, space.size);
    if (!got) return std::nullopt;
    reader_.commit(got.value());
  }
}

void FakeWorker::print(std::string_view text) const {
  write_text(theirs_.standard_output, text);
}

void FakeWorker::complain(std::string_view text) const {
  write_text(theirs_.standard_error, text);
}

void FakeWorker::exit(int code) {
  theirs_ = {};
  end(code << 8);
}

void FakeWorker::die(int signal) {
  theirs_ = {};
  end(signal);
}

void FakeWorker::end(int wait_status) {
  // Only the first end counts.
  int none = kAlive;
  if (wait_status_.compare_exchange_strong(none, wait_status)) write_text(ending_, "x");
}

}  // namespace phork::strategies::testing
