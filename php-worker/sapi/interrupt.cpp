// SPDX-License-Identifier: MIT
#include "php-worker/sapi/interrupt.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>

#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/result.h"
#include "runtime/slot/page.h"

namespace phork::sapi {
namespace {

volatile std::sig_atomic_t requested = 0;
void (*next_interrupt)(zend_execute_data*) = nullptr;

// Of the steady clock.
std::atomic<base::Deadline::rep> earliest{0};

void request_interrupt(int /*number*/) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  if (now < earliest.load(std::memory_order_relaxed)) return;
  requested = 1;
  zend_atomic_bool_store(&EG(vm_interrupt), true);
}

// Logs the stack in the form in which PHP prints it, taken from an exception that is never thrown.
void log_stack() {
  zval probe;
  if (object_init_ex(&probe, zend_ce_error_exception) != SUCCESS) return;
  zval trace;
  ZVAL_UNDEF(&trace);
  zend_call_method_with_0_params(Z_OBJ(probe), Z_OBJCE(probe), nullptr, "gettraceasstring", &trace);
  if (Z_TYPE(trace) == IS_STRING) {
    zend_string* text =
        strpprintf(0, "PHP Warning:  deadline near, PHP is interrupted in %s:%u\n%s",
                   zend_get_executed_filename(), zend_get_executed_lineno(), Z_STRVAL(trace));
    sapi_module.log_message(ZSTR_VAL(text), 0);
    zend_string_release(text);
  }
  zval_ptr_dtor(&trace);
  zval_ptr_dtor(&probe);
}

void interrupt(zend_execute_data* frame) {
  if (requested == 0) {
    if (next_interrupt != nullptr) next_interrupt(frame);
    return;
  }
  requested = 0;
  ServerContext& context = current_context();
  context.timed_out = true;
  if (!context.waited.empty()) {
    // The process that was waited for has logged its own stack.
    zend_string* const file = zend_string_init(entry_script().data(), entry_script().size(), false);
    zend_error_at_noreturn(E_ERROR, file, 1, "%s, as the event's deadline was near",
                           context.waited.c_str());
  }
  log_stack();
  zend_error_noreturn(E_ERROR, "the event was not answered before its deadline");
}

}  // namespace

void install_interrupt() {
  next_interrupt = zend_interrupt_function;
  zend_interrupt_function = interrupt;

  struct sigaction action {};

  action.sa_handler = request_interrupt;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: a blocking call has to return so that PHP reaches a safe point.
  ::sigaction(slot::kInterruptSignal, &action, nullptr);
}

void interrupt_from(base::Deadline time) {
  requested = 0;
  earliest.store(time.time_since_epoch().count(), std::memory_order_relaxed);
}

InterruptTimer::InterruptTimer() {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = slot::kInterruptSignal;
  base::check(::timer_create(CLOCK_MONOTONIC, &event, &timer_), "php-worker: make timer");
}

InterruptTimer::~InterruptTimer() {
  ::timer_delete(timer_);
}

void InterruptTimer::arm(std::chrono::nanoseconds time) {
  // Zero would disarm the timer.
  time = std::max(time, std::chrono::nanoseconds(1));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = (time - seconds).count();
  ::timer_settime(timer_, 0, &when, nullptr);
}

void InterruptTimer::disarm() {
  const itimerspec never{};
  ::timer_settime(timer_, 0, &never, nullptr);
  // If the timer fired at the last moment, its request must not interrupt the next event.
  requested = 0;
}

}  // namespace phork::sapi
