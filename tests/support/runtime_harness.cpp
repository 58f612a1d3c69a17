// SPDX-License-Identifier: MIT
#include "tests/support/runtime_harness.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/sanitizer.h"

namespace phork::testing {
namespace {

// A limit for programs that hang. It is no measure of speed: CI runs three tests with sanitizers on
// two processors, where a short benchmark takes half a minute.
constexpr std::chrono::minutes kTimeout{3};

std::string required_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set; run by Meson");
  return value;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// A new empty file for what a program prints.
std::string make_output_file() {
  std::string path = (std::filesystem::temp_directory_path() / "phork-test-XXXXXX").string();
  const base::Fd file(::mkostemp(path.data(), O_CLOEXEC));
  REQUIRE(file.valid());
  return path;
}

std::vector<std::string> bare_environment(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> environment{"PATH=" + required_variable("PATH")};
  // Programs built with sanitizers need the options of this build.
  for (const char* inherited : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
    const char* value = std::getenv(inherited);
    if (value != nullptr) process::set_variable(environment, inherited, value);
  }
  for (const auto& [name, value] : variables) process::set_variable(environment, name, value);
  return environment;
}

struct ListedStrategy {
  std::string name;
  bool isolates = false;
};

// The runtime's own list, so that tests cover every strategy it has.
const std::vector<ListedStrategy>& listed_strategies() {
  static const std::vector<ListedStrategy> all = [] {
    const Finished listed = run_program(program("bootstrap"), {"--list-strategies"}, {});
    REQUIRE_MESSAGE(listed.status.clean(), listed.output);
    std::vector<ListedStrategy> strategies;
    std::istringstream words(listed.output);
    std::string letter;
    std::string name;
    std::string isolation;
    while (words >> letter >> name >> isolation) {
      strategies.push_back({name, isolation == "isolated"});
    }
    REQUIRE_FALSE(strategies.empty());
    return strategies;
  }();
  return all;
}

std::vector<emulator::Fault> parse_faults(const std::vector<std::string>& texts) {
  std::vector<emulator::Fault> faults;
  for (const std::string& text : texts) faults.push_back(emulator::parse_fault(text).value());
  return faults;
}

}  // namespace

std::string program(const std::string& name) {
  return required_variable("PHORK_BUILD") + "/" + name;
}

const std::vector<std::string>& all_strategies() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const ListedStrategy& strategy : listed_strategies()) {
      // rollback cannot restore the sanitizer's own memory, and refuses to boot.
      if (!kAddressSanitizer || strategy.name != "rollback") names.push_back(strategy.name);
    }
    return names;
  }();
  return all;
}

std::vector<std::string> forking_strategies() {
  std::vector<std::string> names = all_strategies();
  std::erase_if(names, [](const auto& name) { return name != "fork" && name != "rollback"; });
  return names;
}

bool isolates(const std::string& strategy) {
  return std::ranges::any_of(listed_strategies(), [&](const ListedStrategy& listed) {
    return listed.name == strategy && listed.isolates;
  });
}

int idle_processes(const std::string& strategy) {
  // The zygote and the child that waits, or php-fpm's master and its worker.
  if (strategy == "fork" || strategy == "fpm" || strategy == "rollback") return 2;
  return strategy == "exec" ? 0 : 1;
}

unsigned event_count(unsigned usual) {
  const char* told = std::getenv("PHORK_TEST_EVENTS");
  return told == nullptr ? usual : static_cast<unsigned>(std::strtoul(told, nullptr, 10));
}

std::string source_path(const std::string& relative) {
  return required_variable("PHORK_SOURCE") + "/" + relative;
}

Program::Program(const std::string& path, std::vector<std::string> arguments,
                 const std::map<std::string, std::string>& environment,
                 const std::vector<process::FdMapping>& descriptors)
    : output_path_(make_output_file()) {
  const base::Fd output(::open(output_path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const base::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  process::SpawnOptions options;
  options.program = path;
  arguments.insert(arguments.begin(), path);
  options.arguments = std::move(arguments);
  options.environment = bare_environment(environment);
  options.descriptors = {
      {null.get(), STDIN_FILENO}, {output.get(), STDOUT_FILENO}, {output.get(), STDERR_FILENO}};
  options.descriptors.insert(options.descriptors.end(), descriptors.begin(), descriptors.end());
  auto spawned = process::Process::spawn(options);
  REQUIRE(spawned.ok());
  process_ = std::move(spawned).value();
}

Program::~Program() {
  process_->signal(SIGTERM);
  process_->wait(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove(output_path_, ignored);
}

std::string Program::output() const {
  return read_file(output_path_);
}

std::string Program::take_output() const {
  std::string taken = output();
  std::filesystem::resize_file(output_path_, 0);  // which the program appends to
  return taken;
}

process::ExitStatus Program::wait_exit() {
  const auto status = process_->wait(std::chrono::steady_clock::now() + kTimeout);
  REQUIRE_MESSAGE(status.has_value(), "the program did not end: " << output());
  return *status;
}

Finished run_program(const std::string& path, std::vector<std::string> arguments,
                     const std::map<std::string, std::string>& environment) {
  Program program(path, std::move(arguments), environment);
  const auto status = program.wait_exit();
  return {status, program.output()};
}

class Runtime::Observer final : public emulator::RuntimeObserver {
 public:
  void init_failed(const std::string& body) override {
    const std::lock_guard lock(mutex_);
    init_error_ = body;
  }

  std::string init_error() {
    const std::lock_guard lock(mutex_);
    return init_error_;
  }

 private:
  std::mutex mutex_;
  std::string init_error_;
};

Runtime::Runtime(const RuntimeOptions& options)
    : strategy_(options.strategy),
      faults_(parse_faults(options.faults), fault_log_.sink()),
      observer_(std::make_unique<Observer>()) {
  emulator::RuntimeApiServer::Options api;
  api.timeout = options.timeout;
  api.function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:test";
  api.faults = &faults_;
  api_ = std::make_unique<emulator::RuntimeApiServer>(dispatcher_, *observer_, std::move(api));
  REQUIRE(api_->start().ok());
  std::map<std::string, std::string> environment{
      {"AWS_LAMBDA_RUNTIME_API", api_->address()},       {"_HANDLER", options.handler},
      {"LAMBDA_TASK_ROOT", options.task_root},           {"AWS_LAMBDA_FUNCTION_NAME", "test"},
      {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"},
      {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/test"}, {"AWS_LAMBDA_LOG_STREAM_NAME", "stream"},
  };
  for (const auto& [name, value] : options.environment) environment[name] = value;
  api_->process_started();
  std::string path = program("bootstrap");
  std::vector<std::string> arguments{"--strategy=" + options.strategy};
  if (!options.prelude.empty()) {
    // The shell becomes bootstrap, so that the process id stays.
    arguments = {"-c", options.prelude + R"(; exec "$0" "$@")", path, arguments.front()};
    path = "/bin/sh";
  }
  process_ = std::make_unique<Program>(path, arguments, environment, options.descriptors);
}

Runtime::~Runtime() {
  process_.reset();
  dispatcher_.close();
  api_->stop();
}

emulator::EventResult Runtime::invoke(const std::string& payload) {
  emulator::Event event;
  event.payload = payload;
  return invoke(std::move(event));
}

emulator::EventResult Runtime::invoke(emulator::Event event) {
  return invoke(std::move(event), nullptr);
}

emulator::EventResult Runtime::invoke(emulator::Event event, emulator::StreamSink& sink) {
  return invoke(std::move(event), &sink);
}

emulator::EventResult Runtime::invoke(emulator::Event event, emulator::StreamSink* sink) {
  const auto id = dispatcher_.submit(std::move(event));
  auto result = dispatcher_.wait(id, std::chrono::steady_clock::now() + kTimeout, sink);
  REQUIRE_MESSAGE(result.has_value(), "no result; the runtime printed: " << output());
  return std::move(*result);
}

void Runtime::submit(const std::string& payload) {
  emulator::Event event;
  event.payload = payload;
  dispatcher_.submit(std::move(event));
}

std::string Runtime::output_when_idle() const {
  REQUIRE_MESSAGE(eventually([this] { return idle(); }), output());
  return output();
}

bool Runtime::idle() const {
  return api_->state() == emulator::RuntimeState::kReady;
}

std::vector<pid_t> Runtime::settled(int processes) const {
  const auto below = try_to_settle(processes, std::chrono::minutes(1));
  REQUIRE_MESSAGE(below.has_value(), output());
  return *below;
}

std::optional<std::vector<pid_t>> Runtime::try_to_settle(int processes,
                                                         std::chrono::seconds limit) const {
  std::vector<pid_t> below;
  const auto is_settled = [&] {
    below = descendant_pids(pid());
    return idle() && std::ssize(below) == processes && std::ranges::all_of(below, lives);
  };
  return eventually(is_settled, limit) ? std::optional(std::move(below)) : std::nullopt;
}

std::string Runtime::init_error() {
  return observer_->init_error();
}

}  // namespace phork::testing
