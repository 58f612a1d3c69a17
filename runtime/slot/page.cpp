// SPDX-License-Identifier: MIT
#include "runtime/slot/page.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sys/mman.h>
#include <sys/timerfd.h>

#include "runtime/base/result.h"

namespace phork::slot {

std::int64_t nanoseconds_of(base::Deadline time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

bool arm_timer(int timer, base::Deadline deadline) {
  // Zero would disarm it.
  const auto ns = std::max<std::int64_t>(nanoseconds_of(deadline), 1);
  constexpr std::int64_t kSecond = 1'000'000'000;
  itimerspec when{};
  when.it_value.tv_sec = ns / kSecond;
  when.it_value.tv_nsec = ns % kSecond;
  return ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr) == 0;
}

void forget_event(Page& page) {
  page.request_id = {};
  page.invocation_id = {};
  page.tenant_id = {};
}

void register_event(Page& page, const event::Invocation& invocation,
                    const event::Deadlines& deadlines) {
  page.shape = 0;
  page.streams = 0;
  page.taken_ns = nanoseconds_of(std::chrono::steady_clock::now());
  page.soft_ns = nanoseconds_of(deadlines.soft);
  page.hard_ns = nanoseconds_of(deadlines.hard);
  page.request_id.set(invocation.request_id);
  page.invocation_id.set(invocation.invocation_id);
  page.tenant_id.set(invocation.tenant_id);
  page.event.fetch_add(1, std::memory_order_release);
  page.stage.store(Stage::kTaken, std::memory_order_release);
}

bool disarm_timer(int timer) {
  const itimerspec never{};
  return ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &never, nullptr) == 0;
}

Page* map_page(int memory) {
  void* const page = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (page == MAP_FAILED) throw base::SystemError(errno, "slot: map the register");
  return static_cast<Page*>(page);
}

void pass_turn(std::atomic<std::uint32_t>& turn, std::uint32_t from, std::uint32_t to) {
  turn.compare_exchange_strong(from, to, std::memory_order_acq_rel);
  // Also where PHP code has passed it before, and woke nobody.
  wake_all(turn);
}

}  // namespace phork::slot
