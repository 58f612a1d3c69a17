// SPDX-License-Identifier: MIT
//
// Both sides of a seat with a real worker process, which is a fork of this one.
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/io.h"
#include "runtime/process/process_tree.h"
#include "runtime/slot/duty.h"
#include "runtime/slot/report.h"
#include "runtime/slot/supervisor_side.h"
#include "runtime/slot/worker_side.h"

namespace phork::slot {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

event::Invocation invocation_named(const std::string& id) {
  event::Invocation invocation;
  invocation.request_id = id;
  invocation.invocation_id = "attempt-1";
  invocation.tenant_id = "tenant";
  return invocation;
}

event::Deadlines in_a_minute() {
  return {steady_clock::now() + 60s, steady_clock::now() + 61s};
}

// Moves the seat's descriptors to where a worker expects them; in the child only.
void place_descriptors(const SupervisorSide& side) {
  constexpr int kScratch = 64;
  for (const process::FdMapping& mapping : side.descriptors(kFirstDescriptor)) {
    ::dup2(mapping.ours, kScratch + mapping.theirs);
  }
  for (const process::FdMapping& mapping : side.descriptors(kFirstDescriptor)) {
    ::dup2(kScratch + mapping.theirs, mapping.theirs);
  }
}

// A worker that does `work` and exits with 0. Ended and reaped by wait().
class ForkedWorker {
 public:
  ForkedWorker(SupervisorSide& side, const std::function<void(WorkerSide&)>& work) {
    side.begin_worker(steady_clock::now() + 60s);
    pid_ = ::fork();
    if (pid_ != 0) return;
    place_descriptors(side);
    WorkerSide worker;
    work(worker);
    ::_exit(0);
  }

  ForkedWorker(const ForkedWorker&) = delete;
  ForkedWorker& operator=(const ForkedWorker&) = delete;

  ~ForkedWorker() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

  // False when it ends instead, or does not within a minute.
  bool comes_to_sleep() const {
    const std::string call = std::to_string(SYS_futex) + ' ';
    const auto limit = steady_clock::now() + 60s;
    while (!process::read_proc_file(pid_, "syscall").starts_with(call)) {
      siginfo_t ended{};
      ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
      if (ended.si_pid != 0 || steady_clock::now() > limit) return false;
    }
    return true;
  }

  // The wait status.
  int wait() {
    int status = -1;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

Page& page_of(const SupervisorSide& side) {
  return *map_page(side.descriptors(kFirstDescriptor).front().ours);
}

}  // namespace

TEST_SUITE("slot: sides") {
  TEST_CASE("a worker killed at any step leaves a register that says what is owed") {
    using Step = std::pair<std::function<void(WorkerSide&)>, Duty>;
    const event::Invocation invocation = invocation_named("id-1");
    // Each step, and the duty when the worker dies right after it.
    const std::vector<Step> steps{
        {[](WorkerSide&) {}, Duty::kReportBoot},
        {[](WorkerSide& worker) { worker.ready(); }, Duty::kStartNext},
        {[](WorkerSide& worker) { worker.waiting(); }, Duty::kStartNext},
        {[&](WorkerSide& worker) { worker.taken(invocation, in_a_minute()); }, Duty::kAnswer},
        {[](WorkerSide& worker) { worker.has_shape(1); }, Duty::kAnswer},
        {[](WorkerSide& worker) { worker.answering(false); }, Duty::kAnswer},
        {[](WorkerSide& worker) { worker.answered(); }, Duty::kStartNext},
        {[](WorkerSide& worker) { worker.waiting(); }, Duty::kStartNext},
        {[&](WorkerSide& worker) { worker.taken(invocation, in_a_minute()); }, Duty::kAnswer},
        {[](WorkerSide& worker) { worker.answering(true); }, Duty::kAnswer},
        {[](WorkerSide& worker) { worker.closing(); }, Duty::kAnswer},
        {[](WorkerSide& worker) { worker.answered(); }, Duty::kStartNext},
    };
    for (std::size_t last = 0; last < steps.size(); ++last) {
      CAPTURE(last);
      SupervisorSide side;
      ForkedWorker worker(side, [&](WorkerSide& slot) {
        for (std::size_t i = 0; i <= last; ++i) steps.at(i).first(slot);
        ::raise(SIGKILL);
      });
      CHECK(WTERMSIG(worker.wait()) == SIGKILL);
      const Record record = side.read();
      CHECK(duty(record.stage, Happening::kWorkerEnded) == steps.at(last).second);
      if (steps.at(last).second != Duty::kAnswer) continue;
      CHECK(record.invocation.request_id == "id-1");
      CHECK(record.invocation.invocation_id == "attempt-1");
      CHECK(record.invocation.tenant_id == "tenant");
    }
  }

  TEST_CASE("the register has the shape of an HTTP event, and of that event only") {
    SupervisorSide side;
    ForkedWorker worker(side, [](WorkerSide& slot) {
      slot.taken(invocation_named("id-1"), in_a_minute());
      slot.has_shape(2);
      slot.taken(invocation_named("id-2"), in_a_minute());
      slot.taken(invocation_named("id-3"), in_a_minute());
      slot.has_shape(0);
    });
    CHECK(worker.wait() == 0);
    const Record record = side.read();
    CHECK(record.event == 3);
    CHECK(record.invocation.request_id == "id-3");
    CHECK(record.shape == 0U);
  }

  TEST_CASE("the timer is readable once the soft deadline has passed") {
    SupervisorSide side;
    const auto soft = steady_clock::now() + 20ms;
    ForkedWorker worker(side, [soft](WorkerSide& slot) {
      slot.taken(invocation_named("id-1"), {soft, soft + 10s});
      ::pause();
    });
    CHECK(base::wait_readable(side.timer(), steady_clock::now() + 10s));
    CHECK(steady_clock::now() >= soft);
    CHECK(side.read().soft <= steady_clock::now());
    CHECK(side.read().hard > steady_clock::now());
    side.silence_timer();
    CHECK_FALSE(base::wait_readable(side.timer(), steady_clock::now()));
    arm_timer(side.timer(), steady_clock::now());
    CHECK(base::wait_readable(side.timer(), steady_clock::now() + 10s));
  }

  TEST_CASE("a deadline in the past makes the timer readable at once") {
    SupervisorSide side;
    ForkedWorker worker(side, [](WorkerSide& slot) {
      slot.taken(invocation_named("id-1"), {base::Deadline(), base::Deadline()});
    });
    CHECK(base::wait_readable(side.timer(), steady_clock::now() + 10s));
  }

  TEST_CASE("a worker whose output was not read waits until it is") {
    SupervisorSide side;
    auto output = base::open_pipe();
    REQUIRE(output.ok());
    ForkedWorker worker(side, [&output](WorkerSide& slot) {
      ::dup2(output->second.get(), STDOUT_FILENO);
      slot.taken(invocation_named("id-1"), in_a_minute());
      [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, "line\n", 5);
      slot.answered();
      slot.settle();
      slot.waiting();
    });
    REQUIRE(base::wait_readable(side.reports(), steady_clock::now() + 10s));
    const auto report = decode_report(side.receive_report().value().bytes);
    REQUIRE(report.ok());
    CHECK(std::holds_alternative<TurnReport>(report.value()));
    CHECK(side.read().stage == Stage::kHandedOver);
    CHECK(side.read().has_event());
    side.resume(Stage::kHandedOver);
    CHECK(worker.wait() == 0);
    CHECK(side.read().stage == Stage::kWaiting);
  }

  TEST_CASE("a worker without unread output goes on by itself") {
    SupervisorSide side;
    auto output = base::open_pipe();
    REQUIRE(output.ok());
    ForkedWorker worker(side, [&output](WorkerSide& slot) {
      ::dup2(output->second.get(), STDOUT_FILENO);
      ::dup2(output->second.get(), STDERR_FILENO);
      slot.answered();
      ::_exit(slot.settle() ? 0 : 1);
    });
    CHECK(worker.wait() == 0);
    CHECK_FALSE(side.receive_report().has_value());
  }

  TEST_CASE("a worker whose timer or report socket PHP code has closed cannot go on") {
    for (const Descriptor closed : {Descriptor::kTimer, Descriptor::kReports}) {
      SupervisorSide side;
      ForkedWorker worker(side, [closed](WorkerSide& slot) {
        slot.answered();
        ::close(kFirstDescriptor + static_cast<int>(closed));
        ::_exit((closed == Descriptor::kTimer ? slot.settle() : slot.announce()) ? 0 : 1);
      });
      CHECK(WEXITSTATUS(worker.wait()) == 1);
    }
  }

  TEST_CASE("a worker that ends passes its turn, or has the supervisor read what it said before") {
    for (const std::string_view said : {"", "output", "log"}) {
      CAPTURE(said);
      SupervisorSide side;
      auto output = base::open_pipe();
      REQUIRE(output.ok());
      ForkedWorker worker(side, [&side, &output, said](WorkerSide& slot) {
        side.give_turn();
        ::dup2(output->second.get(), STDOUT_FILENO);
        ::dup2(output->second.get(), STDERR_FILENO);
        if (said == "output") ::dprintf(STDOUT_FILENO, "line");
        if (said == "log") slot.log(base::LogRecord{});
        slot.leave();
      });
      CHECK(worker.wait() == 0);
      CHECK(side.read().has_turn == !said.empty());
      CHECK(side.read().stage == (said.empty() ? Stage::kDone : Stage::kHandedOver));
      const int reports = said == "log" ? 2 : said == "output" ? 1 : 0;
      for (int i = 0; i <= reports; ++i) CHECK(side.receive_report().has_value() == (i < reports));
    }
  }

  TEST_CASE("an event that the supervisor gives is registered before its worker runs") {
    SupervisorSide side;
    side.give(invocation_named("id-1"), in_a_minute());
    CHECK(duty(side.read().stage, Happening::kWorkerEnded) == Duty::kAnswer);
    CHECK(side.read().invocation.request_id == "id-1");
  }

  TEST_CASE("a worker that takes the place of one that died has no turn, and need not leave") {
    SupervisorSide side;
    side.give_turn();
    Page& page = page_of(side);
    page.leaves = 1;
    side.begin_worker(steady_clock::now() + 60s);
    CHECK_FALSE(side.read().has_turn);
    CHECK(page.leaves == 0);
    ::munmap(&page, sizeof page);
  }

  TEST_CASE("whatever a dead worker left in the register, the other seat has the turn, and alone") {
    SupervisorSide first;
    SupervisorSide second(&first);
    Page& page = page_of(first);
    for (const std::uint32_t left : {0U, 1U, 2U, 3U, 0xFFFF'FFFFU}) {
      for (std::uint32_t stage = 0; stage <= kStages; ++stage) {
        CAPTURE(left);
        CAPTURE(stage);
        page.turn = left;
        page.stage = static_cast<Stage>(stage);
        first.pass_turn();
        CHECK(second.read().has_turn);
        CHECK_FALSE(first.read().has_turn);
      }
    }
    ::munmap(&page, sizeof page);
  }

  TEST_CASE("a worker whose turn was passed by one that was killed before it woke it is woken") {
    SupervisorSide first;
    SupervisorSide second(&first);
    ForkedWorker worker(first, [](WorkerSide& slot) { slot.await_turn(); });
    Page& page = page_of(first);
    page.turn = 1;
    second.pass_turn();
    CHECK(worker.wait() == 0);
    ::munmap(&page, sizeof page);
  }

  TEST_CASE("a zygote's child is known to the supervisor, or has to end because it came too late") {
    const auto be_born = [](WorkerSide& slot) {
      if (!slot.is_born()) ::_exit(3);
    };
    SupervisorSide early;
    ForkedWorker known(early, be_born);
    CHECK(known.wait() == 0);
    CHECK(early.orphan() > 0);
    SupervisorSide side;
    CHECK(side.orphan() == 0);
    ForkedWorker late(side, be_born);
    CHECK(WEXITSTATUS(late.wait()) == 3);
    CHECK(side.orphan() == 0);
  }

  TEST_CASE("a turn that PHP code has passed on is taken when its event is over") {
    SupervisorSide first;
    SupervisorSide second(&first);
    // Out of the way of the first seat's.
    constexpr int kNumbers = 96;
    for (const process::FdMapping& mapping : second.descriptors(kNumbers)) {
      ::dup2(mapping.ours, mapping.theirs);
    }
    ForkedWorker worker(first, [&first](WorkerSide& with_event) {
      // This process stands for the worker of the other seat, too.
      WorkerSide other(kNumbers, &with_event);
      with_event.taken(invocation_named("id-1"), in_a_minute());
      first.pass_turn();  // as PHP code can
      if (!other.await_turn()) ::_exit(1);
    });
    // One that heeded the turn alone would end.
    REQUIRE(worker.comes_to_sleep());
    SUBCASE("its worker ends well") {
      Page& page = page_of(first);
      page.stage = Stage::kDone;
      pass_turn(page.turn, 1, 2);
    }
    SUBCASE("its worker was killed") {
      first.end_turn();
    }
    CHECK(worker.wait() == 0);
    ::close_range(kNumbers, kNumbers + kSeatDescriptors, 0);
  }

  TEST_CASE("the turn of two seats is one's, and goes only from the one that has it") {
    SupervisorSide first;
    SupervisorSide second(&first);
    CHECK_FALSE(first.read().has_turn);
    first.give_turn();
    second.pass_turn();
    CHECK(first.read().has_turn);
    CHECK_FALSE(second.read().has_turn);
    first.pass_turn();
    first.pass_turn();
    CHECK(second.read().has_turn);
    CHECK_FALSE(first.read().has_turn);
  }

  TEST_CASE("a worker that asks again leaves no id of its event in the register") {
    SupervisorSide side;
    ForkedWorker worker(side, [](WorkerSide& slot) {
      slot.taken(invocation_named("id-1"), in_a_minute());
      slot.waiting();
    });
    CHECK(worker.wait() == 0);
    Page& page = page_of(side);
    CHECK(std::string_view(page.request_id.bytes.data(), 4) == std::string_view("\0\0\0\0", 4));
    CHECK(page.tenant_id.size == 0);
    ::munmap(&page, sizeof page);
  }

  TEST_CASE("a register full of garbage is read without harm") {
    SupervisorSide side;
    Page& page = page_of(side);
    std::memset(static_cast<void*>(&page), 0xFF, sizeof page);
    CHECK(side.read().stage == Stage::kBooting);
    page.stage = Stage::kTaken;
    const Record record = side.read();
    CHECK(record.stage == Stage::kTaken);
    CHECK(record.invocation.request_id.empty());
    CHECK(record.soft < base::kNoDeadline);
    page.request_id.set("id\r\nX-Forged: 1");
    CHECK(side.read().invocation.request_id.empty());
    page.request_id.set(std::string(2 * kMostIdBytes, 'x'));
    CHECK(side.read().invocation.request_id.size() == kMostIdBytes);
    ::munmap(&page, sizeof page);
  }

  TEST_CASE("garbage in the socket for reports is one report that cannot be decoded") {
    SupervisorSide side;
    const int theirs = side.descriptors(kFirstDescriptor).back().ours;
    REQUIRE(::write(theirs, "garbage", 7) == 7);
    const auto bytes = side.receive_report();
    REQUIRE(bytes.has_value());
    CHECK_FALSE(decode_report(bytes->bytes).ok());
    CHECK_FALSE(side.receive_report().has_value());
  }
}

}  // namespace phork::slot
