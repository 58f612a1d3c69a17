// SPDX-License-Identifier: MIT
#include "php-worker/sapi/command.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "php-worker/sapi/belongings.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/base/settings.h"
#include "runtime/process/known_children.h"
#include "runtime/slot/page.h"

namespace phork::sapi {
namespace {

constexpr int kSignalled = 128;  // as a shell reports it

// The end of what a command has printed.
class Tail {
 public:
  explicit Tail(std::size_t most) : most_(most) {}

  void add(std::string_view bytes) {
    text_.append(bytes);
    if (text_.size() > 2 * most_) cut();
  }

  std::string_view cut() {
    if (text_.size() > most_) {
      dropped_ += text_.size() - most_;
      text_.erase(0, text_.size() - most_);
    }
    return text_;
  }

  std::size_t dropped() const { return dropped_; }

 private:
  const std::size_t most_;
  std::size_t dropped_ = 0;
  std::string text_;
};

// In the copy: errors of PHP go to standard error as at a terminal, a line for each line.
class TerminalLog final : public base::LogSink {
 public:
  void write(const base::LogRecord& record) override {
    std::array<iovec, 2> parts{base::as_iovec(base::without_line_end(record.text)),
                               base::as_iovec("\n")};
    [[maybe_unused]] const base::Status written = base::write_all(STDERR_FILENO, parts);
  }
};

// One of a command's two streams: a pipe, whose ends are open as long as the command runs. Nobody
// waits for its end of file, because processes that the command starts may outlive it.
class Stream {
 public:
  Stream(int fd, base::FdPair pipe) : fd_(fd), pipe_(std::move(pipe)) {}

  void use_in_copy() const {
    base::check(::dup2(pipe_.second.get(), fd_), "php-worker: run a command");
  }

  int source() const { return pipe_.first.get(); }

  // Passes one buffer on, which is as much as a pipe holds: to `output`, or to the log.
  void pass_on(Tail& tail, const base::Fd& output) {
    const ssize_t count = ::read(source(), buffer_.data(), buffer_.size());
    if (count > 0) {
      const std::string_view text(buffer_.data(), static_cast<std::size_t>(count));
      tail.add(text);
      // Both go one way, so that they keep their order.
      if (!output.valid()) return write_output(STDERR_FILENO, text);
      std::array<iovec, 1> parts{base::as_iovec(text)};
      [[maybe_unused]] const base::Status written = base::write_all(output.get(), parts);
    }
  }

 private:
  const int fd_;
  base::FdPair pipe_;
  std::string buffer_ = std::string(64UL * 1024, '\0');
};

using Streams = std::array<Stream, 2>;

// A worker is interrupted when its deadline is near, and told to stop with the runtime. It would
// take notice only when the command has ended.
class Interruptions : private base::Pinned {
 public:
  Interruptions() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, slot::kInterruptSignal);
    sigaddset(&set, slot::kStopSignal);
    ::sigprocmask(SIG_BLOCK, &set, &before_);
    stops = 0;

    struct sigaction action {};

    action.sa_handler = stop;
    sigemptyset(&action.sa_mask);
    ::sigaction(slot::kStopSignal, &action, &stop_before);
  }

  ~Interruptions() {
    ::sigaction(slot::kStopSignal, &stop_before, nullptr);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

  // Let them in while it waits.
  int poll(std::span<pollfd> descriptors) const {
    return ::ppoll(descriptors.data(), descriptors.size(), nullptr, &before_);
  }

  // Since the last call.
  static bool take_stop() { return std::exchange(stops, 0) != 0; }

 private:
  static void stop(int number) {
    stops = 1;
    if (stop_before.sa_handler != SIG_DFL && stop_before.sa_handler != SIG_IGN) {
      stop_before.sa_handler(number);
    }
  }

  // A handler of signals has no object.
  static inline std::sig_atomic_t volatile stops = 0;

  static inline struct sigaction stop_before {};

  sigset_t before_{};
};

bool is_interrupted() {
  return zend_atomic_bool_load(&EG(vm_interrupt));
}

// Where output goes in place of the log; invalid: nowhere else (cli/command_output.h).
base::Fd open_output() {
  const std::string path = base::variable("PHORK_CONSOLE_OUTPUT");
  if (path.empty()) return base::Fd();
  base::Fd output(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  base::check(output.get(), "php-worker: open PHORK_CONSOLE_OUTPUT");
  return output;
}

// Runs the entry as a terminal would, and ends the copy.
[[noreturn]] void run_entry(const Streams& streams) {
  for (const Stream& each : streams) each.use_in_copy();
  std::signal(slot::kStopSignal, SIG_DFL);
  static TerminalLog log;
  static const base::InstalledLogSink installed(log);
  // The code that waits for the command is not below it: a stack trace ends at the entry.
  EG(current_execute_data) = nullptr;
  CG(skip_shebang) = true;
  begin_belongings();
  const bool completed = guarded([] {
    php_output_end_all();
    zend_file_handle file;
    zend_stream_init_filename(&file, entry_script().c_str());
    file.primary_script = true;
    php_execute_script(&file);
    zend_destroy_file_handle(&file);
  });
  const int code = completed || EG(exit_status) != 0 ? EG(exit_status) : 255;
  end_user_code(Lifetime::kCopy);
  if (!guarded([] { php_output_end_all(); })) CG(unclean_shutdown) = 0;
  finish_event();
  if (process::has_children()) process::KnownChildren::of_this_process().end_strays();
  std::fflush(nullptr);
  ::_exit(code);
}

// Passes on what the command prints until it ends; processes that it leaves behind may keep its
// streams open. Returns its exit code.
int attend(pid_t pid, Streams& streams, Tail& tail, const Interruptions& interruptions) {
  const base::Fd output = open_output();
  const base::Fd pidfd = base::open_pidfd(pid);
  base::check(pidfd.get(), "php-worker: watch a command");
  bool ended = false;
  while (!ended) {
    std::array<pollfd, 3> polled{{{pidfd.get(), POLLIN, 0},
                                  {streams[0].source(), POLLIN, 0},
                                  {streams[1].source(), POLLIN, 0}}};
    if (interruptions.poll(polled) == -1) {
      // The command stops as every event does, with its stack in the log.
      if (is_interrupted()) ::kill(pid, slot::kInterruptSignal);
      if (Interruptions::take_stop()) ::kill(pid, SIGTERM);
      continue;
    }
    ended = polled[0].revents != 0;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (ended || polled.at(i + 1).revents != 0) streams.at(i).pass_on(tail, output);
    }
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_command(Tail& tail) {
  auto output = base::open_pipe();
  auto error = base::open_pipe();
  if (!output || !error) throw base::SystemError(errno, "php-worker: make a pipe");
  Streams streams{Stream(STDOUT_FILENO, std::move(output).value()),
                  Stream(STDERR_FILENO, std::move(error).value())};
  // Output of hooks goes to the log now, and is not in the copy's buffers, too.
  if (!guarded([] { php_output_end_all(); })) CG(unclean_shutdown) = 0;
  const pid_t own_pid = ::getpid();
  pid_t pid = 0;
  {
    const Interruptions interruptions;
    pid = ::fork();
    base::check(pid, "php-worker: fork a command");
    if (pid > 0) return attend(pid, streams, tail, interruptions);
  }
  process::end_with_parent(own_pid);
  process::adopt_orphans();
  run_entry(streams);
}

// For the message of an event that is interrupted as soon as PHP's code goes on.
std::string describe_wait(std::string_view name, std::chrono::steady_clock::time_point begin) {
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.2f", spent.count());
  std::string text("the command ");
  if (!name.empty()) text.append(name).append(" ");
  return text + "of " + entry_script() + " was interrupted after " + seconds.data() + " s";
}

PHP_FUNCTION(phork_run_command) {
  zend_long most = 0;
  zend_string* name = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 2)
  Z_PARAM_LONG(most)
  Z_PARAM_STR(name)
  ZEND_PARSE_PARAMETERS_END();
  Tail tail(static_cast<std::size_t>(most));
  const auto begin = std::chrono::steady_clock::now();
  int code = 0;
  try {
    code = run_command(tail);
  } catch (const base::SystemError& error) {
    zend_throw_error(nullptr, "%s", error.what());
    return;
  }
  if (is_interrupted()) {
    current_context().waited = describe_wait({ZSTR_VAL(name), ZSTR_LEN(name)}, begin);
  }
  const std::string_view output = tail.cut();
  array_init(return_value);
  add_next_index_long(return_value, code);
  add_next_index_stringl(return_value, output.data(), output.size());
  add_next_index_long(return_value, static_cast<zend_long>(tail.dropped()));
}

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_phork_run_command, 0, 2, IS_ARRAY, 0)
ZEND_ARG_TYPE_INFO(0, most, IS_LONG, 0)
ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

const zend_function_entry kFunctions[] = {PHP_FE(phork_run_command, arginfo_phork_run_command)
                                              PHP_FE_END};

}  // namespace

const zend_function_entry* console_functions() {
  return kFunctions;
}

}  // namespace phork::sapi
