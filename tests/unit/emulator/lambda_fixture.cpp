// SPDX-License-Identifier: MIT
#include "tests/unit/emulator/lambda_fixture.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "tests/unit/emulator/fake_runtime.h"

namespace phork::emulator::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kModeVariable = "FAKE_RUNTIME_MODE";
constexpr const char* kFolderVariable = "FAKE_RUNTIME_FOLDER";

std::string in_folder(const std::string& name) {
  return std::string(std::getenv(kFolderVariable)) + '/' + name;
}

// True for the first process that asks.
bool is_first(const std::string& name) {
  const base::Fd made(
      ::open(in_folder(name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return made.get() >= 0;
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Waits until `count` processes are at this command at the same time.
void meet(std::size_t count) {
  const std::string place = in_folder("meeting");
  fs::create_directories(place);
  is_first("meeting/" + std::to_string(::getpid()));
  eventually([&] { return files_in(place) >= count; });
}

void await(const std::string& name) {
  const std::string gate = in_folder(name);
  eventually([&gate] { return fs::exists(gate); });
}

// The status that a child of the runtime gets.
int ping_from_a_child() {
  const pid_t child = ::fork();
  if (child == 0) {
    FakeRuntime runtime(std::getenv("AWS_LAMBDA_RUNTIME_API"));
    ::_exit(runtime.get("/2018-06-01/ping").status == 200 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 200 : 403;
}

void end_or_hang(const std::string& command) {
  if (command == "exit") ::_exit(3);
  if (command == "exit 0") ::_exit(0);
  if (command == "crash") ::raise(SIGKILL);
  if (command == "hang") ::pause();
}

// A process in a session of its own, whose parent has ended; returns its pid.
pid_t leave_daemon() {
  auto told = base::open_pipe();
  if (::fork() == 0) {
    ::setsid();
    const pid_t daemon = ::fork();
    if (daemon == 0) ::execlp("sleep", "sleep", "31415", nullptr);
    [[maybe_unused]] const ssize_t written = ::write(told->second.get(), &daemon, sizeof daemon);
    ::_exit(0);
  }
  pid_t daemon = 0;
  base::wait_readable(told->first.get(), base::kNoDeadline);
  [[maybe_unused]] const ssize_t got = ::read(told->first.get(), &daemon, sizeof daemon);
  return daemon;
}

void answer_and_stay_away(const std::string& command, const std::string& id, FakeRuntime& runtime) {
  if (!command.starts_with("answer and ")) return;
  runtime.respond(id, "\"answered\"");
  end_or_hang(command == "answer and exit" ? "exit 0" : "hang");
}

// Does what the event says; any other event is printed and returned as the answer.
void obey(const std::string& command, const std::string& id, FakeRuntime& runtime) {
  end_or_hang(command);
  answer_and_stay_away(command, id, runtime);
  if (command == "fail") {
    runtime.fail(id, R"({"errorType":"E","errorMessage":"m"})", "Function.E");
    return;
  }
  if (command == "pid") {
    runtime.respond(id, std::to_string(::getpid()));
    return;
  }
  if (command == "daemon") {
    runtime.respond(id, std::to_string(leave_daemon()));
    return;
  }
  if (command == "log stream") {
    runtime.respond(id, std::getenv("AWS_LAMBDA_LOG_STREAM_NAME"));
    return;
  }
  if (command.starts_with("variable ")) {
    const char* const value = std::getenv(command.substr(9).c_str());
    runtime.respond(id, value == nullptr ? "null" : value);
    return;
  }
  if (command == "api") {
    runtime.respond(id, std::getenv("AWS_LAMBDA_RUNTIME_API"));
    return;
  }
  if (command == "ping from a child") {
    runtime.respond(id, '"' + std::to_string(ping_from_a_child()) + '"');
    return;
  }
  if (command.starts_with("meet ")) meet(std::stoul(command.substr(5)));
  if (command.starts_with("await ")) await(command.substr(6));
  std::cout << "event \"" << command << "\"\npart " << std::flush << "ial\n"
            << R"({"phork":"event","strategy":"fake","minor_faults":5,"php_us":1})" << std::endl;
  runtime.respond(id, '"' + command + '"');
}

[[noreturn]] void fail_init(FakeRuntime& runtime, const std::string& message) {
  runtime.init_error(R"({"errorType":"Runtime.PhpFatal","errorMessage":")" + message + "\"}");
  ::_exit(1);
}

void initialise(const std::string& mode, FakeRuntime& runtime) {
  if (mode == "exit") ::_exit(4);
  if (mode == "hang") ::pause();
  if (mode == "ignore SIGTERM") std::signal(SIGTERM, SIG_IGN);
  if (mode == "init error") fail_init(runtime, "syntax error");
  if (mode.starts_with("await ")) await(mode.substr(6));
  if (mode.starts_with("snapshot")) runtime.get("/2018-06-01/runtime/restore/next");
  if (mode == "snapshot, then error") {
    runtime.restore_error(R"({"errorType":"Runtime.AfterRestoreError","errorMessage":"m"})");
    ::_exit(65);
  }
  if (mode == "first fails" && is_first("started")) fail_init(runtime, "first");
  if (mode == "first works" && !is_first("started")) fail_init(runtime, "second");
  if (mode == "first works, then hang" && !is_first("started")) ::pause();
}

}  // namespace

TEST_CASE("fake runtime (helper process)" * doctest::skip()) {
  std::signal(SIGTERM, SIG_DFL);  // doctest would report it as a crash
  FakeRuntime runtime(std::getenv("AWS_LAMBDA_RUNTIME_API"));
  initialise(std::getenv(kModeVariable), runtime);
  while (true) {
    const Reply next = runtime.next();
    if (next.status != 200) ::_exit(9);
    obey(next.body.substr(1, next.body.size() - 2), next.request_id(), runtime);
  }
}

LogFile::LogFile() : fd_(::memfd_create("log", MFD_CLOEXEC)) {}

std::vector<std::string> LogFile::lines() const {
  std::string text(static_cast<std::size_t>(::lseek(fd(), 0, SEEK_END)), '\0');
  REQUIRE(::pread(fd(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  std::vector<std::string> all;
  std::size_t start = 0;
  for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    all.push_back(text.substr(start, end - start));
  }
  return all;
}

FunctionConfig LambdaFixture::config(const std::string& mode) const {
  FunctionConfig made;
  made.program = fs::read_symlink("/proc/self/exe").string();
  made.arguments = fake_runtime_arguments();
  made.task_root = "/";
  made.handler = "handler";
  made.timeout = 20s;
  made.environment = process::current_environment();
  process::set_variable(made.environment, kModeVariable, mode);
  process::set_variable(made.environment, kFolderVariable, folder.path());
  return made;
}

FunctionConfig LambdaFixture::config(const std::string& mode, unsigned concurrency) const {
  FunctionConfig made = config(mode);
  made.concurrency = concurrency;
  return made;
}

EventResult LambdaFixture::invoke(LocalLambda& lambda, const std::string& command) {
  Event event;
  event.payload = '"' + command + '"';
  return lambda.invoke(std::move(event));
}

std::vector<std::string> LambdaFixture::lines() {
  log.flush();
  std::vector<std::string> all = file.lines();
  std::erase_if(all, [](const std::string& line) { return line.starts_with("[doctest]"); });
  return all;
}

std::size_t LambdaFixture::count(const std::string& prefix) {
  const std::vector<std::string> all = lines();
  return static_cast<std::size_t>(std::ranges::count_if(
      all, [&prefix](const std::string& line) { return line.starts_with(prefix); }));
}

std::string LambdaFixture::last_field(const std::string& prefix, const std::string& name) {
  const std::vector<std::string> all = lines();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&prefix](const std::string& line) {
    return line.starts_with(prefix);
  });
  if (found == all.rend()) return {};
  const std::size_t start = found->find(name + ": ");
  if (start == std::string::npos) return {};
  const std::size_t value = start + name.size() + 2;
  return found->substr(value, found->find('\t', value) - value);
}

void Callers::invoke(const std::string& command) {
  EventResult& result = results_.emplace_back();
  threads_.emplace_back(
      [this, command, &result] { result = LambdaFixture::invoke(lambda_, command); });
}

std::vector<EventResult> Callers::results() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return {results_.begin(), results_.end()};
}

}  // namespace phork::emulator::test
