// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/seal_checks.h"

#include <array>
#include <cstring>
#include <fstream>
#include <string_view>
#include <sys/time.h>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/modules.h"
#include "runtime/base/log.h"
#include "runtime/base/result.h"

namespace phork::sapi {
namespace {

// A function of PHP's, or of an extension that may not be loaded. False when it returned false or
// is not there.
bool call_function(const char* name) {
  auto* const function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(EG(function_table), name, std::strlen(name)));
  if (function == nullptr) return false;
  zval returned;
  ZVAL_UNDEF(&returned);
  zend_call_known_function(function, nullptr, nullptr, &returned, 0, nullptr, nullptr);
  const bool answered = Z_TYPE(returned) != IS_FALSE && !Z_ISUNDEF(returned);
  zval_ptr_dtor(&returned);
  return answered;
}

void forget_strtok() {
  if (BG(strtok_string) != nullptr) zend_string_release(BG(strtok_string));
  BG(strtok_string) = nullptr;
  BG(strtok_last) = nullptr;
  BG(strtok_len) = 0;
}

// As many as OpenSSL's own queue and PHP's copy of it hold.
void drain_openssl_errors() {
  constexpr int kMostErrors = 32;
  for (int error = 0; error < kMostErrors && call_function("openssl_error_string"); ++error) {
  }
}

bool disarm(int timer) {
  const itimerval never{};
  itimerval before{};
  if (::setitimer(static_cast<__itimer_which_t>(timer), &never, &before) != 0) return false;
  return before.it_value.tv_sec != 0 || before.it_value.tv_usec != 0;
}

}  // namespace

std::optional<event::Failure> find_open_session() {
  // close_boot() has made PHP forget the session's id; the handler's data stays until it is closed.
  if (PS(mod_data) == nullptr && !PS(mod_user_is_open)) return std::nullopt;
  return event::Failure{
      "Runtime.SealFailed",
      "boot has opened a session and not closed it: it is some visitor's, and its "
      "lock would be every event's; call session_start() inside the event",
      {}};
}

void forget_errors() {
  JSON_G(error_code) = PHP_JSON_ERROR_NONE;
  PCRE_G(error_code) = PHP_PCRE_NO_ERROR;
  const bool completed = guarded([] {
    forget_strtok();
    call_function("libxml_clear_errors");
    drain_openssl_errors();
    // Resets its error and closes what is made anew when it is needed.
    end_module_request("intl");
  });
  if (!completed) CG(unclean_shutdown) = 0;
}

void disarm_timers() {
  // The timer of set_time_limit(), which in the zygote would measure the forking: nothing is lost,
  // as the supervisor owns the deadline of events.
  disarm(ITIMER_PROF);
  const bool real = disarm(ITIMER_REAL);
  const bool user = disarm(ITIMER_VIRTUAL);
  if (!real && !user) return;
  base::log_warn(std::string("php-worker: seal: boot has set ") +
                 (real ? "an alarm" : "a timer of its CPU time") +
                 ", which is cancelled, as events would not inherit it; set it in Phork\\onFork");
}

void report_locked_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kilobytes = 0;
    if (word != "VmLck:" || !(status >> kilobytes) || kilobytes == 0) continue;
    base::log_warn("php-worker: seal: boot has locked " + std::to_string(kilobytes) +
                   " kB of memory, which events would not inherit; lock it in Phork\\onFork");
  }
}

void ChildSignal::take() {
  struct sigaction standard {};

  standard.sa_handler = SIG_DFL;
  sigemptyset(&standard.sa_mask);
  base::check(::sigaction(SIGCHLD, &standard, &of_boot_), "php-worker: hear of children");
  taken_ = of_boot_.sa_handler != SIG_DFL || (of_boot_.sa_flags & SA_NOCLDWAIT) != 0;
}

void ChildSignal::give_back() const {
  if (taken_) ::sigaction(SIGCHLD, &of_boot_, nullptr);
}

}  // namespace phork::sapi
