// SPDX-License-Identifier: MIT
//
// Uses the machine's own control groups, as far as it allows.
#include "emulator/sandbox/sandbox.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "emulator/sandbox/cgroup_home.h"
#include "emulator/sandbox/current.h"
#include "runtime/process/spawn.h"
#include "tests/support/sandbox_machine.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace std::chrono_literals;
using namespace phork;
using namespace phork::emulator;
using process::Process;
using testing::ScratchFolder;
using Steady = std::chrono::steady_clock;

constexpr const char* kSpin = "while :; do :; done";

std::unique_ptr<Process> start(const std::string& script, const std::vector<int>& procs_fds) {
  process::SpawnOptions options;
  options.program = "/bin/sh";
  options.arguments = {"sh", "-c", script};
  options.environment = process::current_environment();
  options.control_groups = procs_fds;
  auto spawned = Process::spawn(options);
  if (!spawned) FAIL(spawned.error().text);
  return std::move(spawned).value();
}

template <typename Condition>
bool eventually(Condition&& condition) {
  const auto until = Steady::now() + 10s;
  while (!condition()) {
    if (Steady::now() >= until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// The pid of a process that has ended.
pid_t gone_pid() {
  const auto child = start("exit 0", {});
  REQUIRE(child->wait(Steady::now() + 10s).has_value());
  return child->pid();
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The folder of the group that limits CPU.
std::string cpu_folder(const Sandbox& sandbox) {
  for (const int fd : sandbox.cgroup_procs_fds()) {
    const auto folder =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).parent_path();
    if (std::filesystem::exists(folder / "cpu.stat")) return folder;
  }
  FAIL("no group limits CPU");
  return {};
}

// In how many periods the kernel has held back this group; -1 when it does not say.
int throttled(const std::string& folder) {
  std::ifstream file(folder + "/cpu.stat");
  std::string key;
  for (int value = 0; file >> key >> value;) {
    if (key == "nr_throttled") return value;
  }
  return -1;
}

// All groups on this machine that were made by this process.
int groups_of_ours() {
  const CgroupLayout layout = current_cgroup_layout();
  int count = 0;
  for (const std::string& folder :
       {layout.cpu, layout.cpuacct, layout.memory, layout.freezer, layout.unified}) {
    if (folder.empty()) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto owner = cgroup_owner(entry.path().filename().string());
      if (owner == ::getpid()) ++count;
    }
  }
  return count;
}

struct Told {
  explicit Told(CgroupLayout layout = current_cgroup_layout())
      : sandboxes(std::move(layout), [this](std::string_view line) { lines.emplace_back(line); }) {}

  std::vector<std::string> lines;
  Sandboxes sandboxes;
};

bool parks(CurrentSandbox& current) {
  bool frozen = false;
  current.parked([&frozen] { frozen = true; });
  return frozen;
}

// Every freezer of this machine: a kernel may have both versions.
std::vector<CgroupLayout> freezing_layouts() {
  const CgroupLayout layout = current_cgroup_layout();
  std::vector<CgroupLayout> layouts = {layout};
  if (layout.unified.empty() || layout.freezer.empty()) return layouts;
  layouts.push_back(layout);
  layouts.back().unified.clear();
  return layouts;
}

}  // namespace

TEST_SUITE("emulator: a machine without control groups") {
  TEST_CASE("each limit is refused once, with the reason, and the sandbox works without it") {
    std::vector<std::string> lines;
    CgroupLayout layout;
    layout.cpu = "/nonexistent/cpu";
    Sandboxes sandboxes(layout, [&lines](std::string_view line) { lines.emplace_back(line); });
    for (int round = 0; round < 2; ++round) {
      const auto sandbox = sandboxes.make(128, {true, true, true});
      CHECK(sandbox->cgroup_procs_fds().empty());
      CHECK_FALSE(sandbox->limits_cpu());
      CHECK_FALSE(sandbox->limits_memory());
      CHECK_FALSE(sandbox->can_freeze());
      CHECK_FALSE(sandbox->freeze(Steady::now()));
      sandbox->thaw();
      CHECK_FALSE(sandbox->cpu_time().has_value());
      CHECK_FALSE(sandbox->peak_memory_kb().has_value());
      CHECK(sandbox->oom_kills() == 0);
      CHECK_FALSE(sandbox->kill_all());
    }
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].starts_with("emulator: limit CPU: cannot make '/nonexistent/cpu/phork-"));
    CHECK(lines[0].ends_with("': no such file or directory; continuing without it"));
    CHECK(lines[1] ==
          "emulator: limit memory: no control groups for it are mounted; continuing without it");
    CHECK(lines[2] ==
          "emulator: freeze: no control groups for it are mounted; continuing without it");
  }

  TEST_CASE("without limits nothing is made or logged") {
    Told told;
    const auto sandbox = told.sandboxes.make(128, {});
    CHECK(sandbox->cgroup_procs_fds().empty());
    CHECK(told.lines.empty());
  }
}

TEST_SUITE("emulator: freezing (needs groups that freeze)" *
           doctest::skip(!testing::machine_allows({.freezing = true}))) {
  TEST_CASE("a frozen sandbox uses no CPU while others do, and runs again when thawed") {
    for (const CgroupLayout& layout : freezing_layouts()) {
      Told told(layout);
      const auto frozen = told.sandboxes.make(128, {.freezing = true});
      const auto other = told.sandboxes.make(128, {.freezing = true});
      CHECK(told.lines.empty());
      const auto one = start(kSpin, frozen->cgroup_procs_fds());
      const auto two = start(kSpin, other->cgroup_procs_fds());
      CHECK(eventually([&] { return frozen->cpu_time() > 5ms; }));
      REQUIRE(frozen->freeze(Steady::now() + 10s));
      const auto before = frozen->cpu_time();
      const auto until = *other->cpu_time() + 30ms;
      CHECK(eventually([&] { return other->cpu_time() > until; }));
      // A process that counts as frozen may still run until the kernel has stopped it.
      CHECK(*frozen->cpu_time() - *before < 2ms);
      frozen->thaw();
      CHECK(eventually([&] { return frozen->cpu_time() > *before + 5ms; }));
    }
  }

  TEST_CASE("an empty or frozen sandbox can be frozen") {
    Told told;
    const auto sandbox = told.sandboxes.make(128, {.freezing = true});
    CHECK(sandbox->freeze(Steady::now() + 10s));
    CHECK(sandbox->freeze(Steady::now() + 10s));
    sandbox->thaw();
    sandbox->thaw();
    const auto child = start("exit 0", sandbox->cgroup_procs_fds());
    CHECK(child->wait(Steady::now() + 10s)->clean());
  }

  TEST_CASE("all processes inside die, frozen or not, and no group is left") {
    const int groups_before = groups_of_ours();
    for (const CgroupLayout& layout : freezing_layouts()) {
      std::unique_ptr<Process> child;
      {
        Told told(layout);
        const auto sandbox = told.sandboxes.make(128, {.freezing = true});
        child =
            start("setsid sh -c 'sleep 60' & " + std::string(kSpin), sandbox->cgroup_procs_fds());
        CHECK(groups_of_ours() > groups_before);
        REQUIRE(sandbox->freeze(Steady::now() + 10s));
        CHECK(sandbox->kill_all());
      }
      CHECK(child->wait(Steady::now() + 10s)->describe() == "signal 9 (Killed)");
      CHECK(groups_of_ours() == groups_before);
    }
  }

  TEST_CASE("the frozen leftovers of a crashed run are removed by the next one") {
    // In a separate group, because tests that run at the same time also remove leftovers.
    CgroupHome all(current_cgroup_layout());
    const auto place = all.place(Controller::kFreezer);
    REQUIRE(place.ok());
    const std::string folder = place->folder + "/" + cgroup_name(::getpid(), 1'000'000);
    REQUIRE(make_cgroup(folder).ok());
    CgroupLayout layout;
    (place->unified ? layout.unified : layout.freezer) = folder;
    {
      Sandbox left(cgroup_name(gone_pid(), 1));
      REQUIRE(left.allow_freezing(CgroupHome(layout).place(Controller::kFreezer)).ok());
      const auto child = start(kSpin, left.cgroup_procs_fds());
      REQUIRE(left.freeze(Steady::now() + 10s));
      Told told(layout);
      const auto next = told.sandboxes.make(128, {.freezing = true});
      CHECK(child->wait(Steady::now() + 10s)->describe() == "signal 9 (Killed)");
    }
    end_cgroup(folder);
    CHECK(::access(folder.c_str(), F_OK) == -1);
  }
}

TEST_SUITE("emulator: the sandbox of an environment (needs groups that freeze)" *
           doctest::skip(!testing::machine_allows({.freezing = true}))) {
  TEST_CASE("it is frozen while the runtime waits for an event") {
    Told told;
    CurrentSandbox current;
    const Sandbox* sandbox = current.enter(told.sandboxes.make(128, {.freezing = true}));
    current.started();
    CHECK_FALSE(parks(current));  // the runtime has not asked for an event
    const ScratchFolder scratch;
    const auto child =
        start("until [ -e " + scratch.file("go") + " ]; do :; done", sandbox->cgroup_procs_fds());
    current.asked();
    CHECK(parks(current));
    CHECK_FALSE(parks(current));
    scratch.write("go", "");
    CHECK_FALSE(child->wait(Steady::now() + 20ms).has_value());
    current.handed_out();
    CHECK(child->wait(Steady::now() + 10s).has_value());
  }

  TEST_CASE("an event that arrives before parked() is not frozen") {
    Told told;
    CurrentSandbox current;
    current.enter(told.sandboxes.make(128, {.freezing = true}));
    current.started();
    current.asked();
    current.handed_out();
    CHECK_FALSE(parks(current));
    current.asked();
    CHECK(parks(current));
  }

  TEST_CASE("a process that is about to end is thawed for good") {
    Told told;
    CurrentSandbox current;
    const Sandbox* sandbox = current.enter(told.sandboxes.make(128, {.freezing = true}));
    const auto child = start(kSpin, sandbox->cgroup_procs_fds());
    current.started();
    current.asked();
    CHECK(parks(current));
    current.leave();
    current.asked();
    CHECK_FALSE(parks(current));
    child->signal(SIGTERM);
    const auto status = child->wait(Steady::now() + 10s);
    REQUIRE(status.has_value());
    CHECK(status->describe() == "signal 15 (Terminated)");
    CHECK_FALSE(current.out_of_memory(*status));
  }

  TEST_CASE("the next process gets another sandbox, and nothing is left of the first") {
    const int groups_before = groups_of_ours();
    Told told;
    CurrentSandbox current;
    const Sandbox* sandbox = current.enter(told.sandboxes.make(128, {.freezing = true}));
    const auto child = start(kSpin, sandbox->cgroup_procs_fds());
    current.started();
    current.asked();
    CHECK(parks(current));
    current.enter(told.sandboxes.make(128, {.freezing = true}));
    CHECK(child->wait(Steady::now() + 10s)->describe() == "signal 9 (Killed)");
    CHECK_FALSE(parks(current));
    current.clear();
    CHECK(groups_of_ours() == groups_before);
  }

  TEST_CASE("it is frozen only once its process has started, then at once") {
    Told told;
    CurrentSandbox current;
    const Sandbox* sandbox = current.enter(told.sandboxes.make(128, {.freezing = true}));
    int frozen = 0;
    current.asked();
    current.parked([&frozen] { ++frozen; });
    CHECK(frozen == 0);
    const auto child = start("exit 0", sandbox->cgroup_procs_fds());
    current.started();
    CHECK(frozen == 1);
    current.handed_out();
    CHECK(child->wait(Steady::now() + 10s).has_value());
  }

  TEST_CASE("an event that arrives during the start keeps it running") {
    Told told;
    CurrentSandbox current;
    current.enter(told.sandboxes.make(128, {.freezing = true}));
    int frozen = 0;
    current.asked();
    current.parked([&frozen] { ++frozen; });
    current.handed_out();
    current.started();
    CHECK(frozen == 0);
  }

  TEST_CASE("without a sandbox there is nothing to do") {
    CurrentSandbox current;
    current.started();
    current.asked();
    CHECK_FALSE(parks(current));
    current.handed_out();
    current.clear();
    CHECK_FALSE(current.peak_memory_kb().has_value());
    CHECK_FALSE(current.out_of_memory({process::ExitStatus::Kind::kSignalled, SIGKILL}));
  }
}

TEST_SUITE("emulator: memory (needs the memory controller)" *
           doctest::skip(!testing::machine_allows({.memory = true}))) {
  TEST_CASE("a process over the limit is killed, and counted as out of memory") {
    Told told;
    const auto sandbox = told.sandboxes.make(32, {.memory = true});
    CHECK(sandbox->oom_kills() == 0);
    const auto child = start("exec 2>&-; head -c 200m /dev/zero | tail -c 100m >/dev/null",
                             sandbox->cgroup_procs_fds());
    CHECK_FALSE(child->wait(Steady::now() + 10s)->clean());
    CHECK(sandbox->oom_kills() > 0);
    CHECK(sandbox->peak_memory_kb() > 31 * 1024);
    CHECK(sandbox->peak_memory_kb() <= 32 * 1024);
  }

  TEST_CASE("a process below the limit survives, and its peak is still known after its end") {
    Told told;
    CurrentSandbox current;
    const Sandbox* sandbox = current.enter(told.sandboxes.make(128, {.memory = true}));
    const auto child =
        start("head -c 90m /dev/zero | tail -c 20m >/dev/null", sandbox->cgroup_procs_fds());
    CHECK(child->wait(Steady::now() + 10s)->clean());
    current.leave();
    CHECK(sandbox->oom_kills() == 0);
    CHECK(current.peak_memory_kb() > 20 * 1024);
    CHECK(current.peak_memory_kb() < 100 * 1024);
  }
}

TEST_SUITE("emulator: CPU (needs the CPU controller)" *
           doctest::skip(!testing::machine_allows({.cpu = true}))) {
  // By the kernel's own count: how long a process waits also depends on what the kernel grants in
  // advance and on the rest of the machine.
  TEST_CASE("128 MB give a fourteenth of a CPU, and whoever wants more is throttled") {
    Told told;
    const auto sandbox = told.sandboxes.make(128, {.cpu = true});
    const std::string folder = cpu_folder(*sandbox);
    const auto [period, quota] = cpu_share(128);
    CHECK(quota == period * 128 / 1769);
    const std::string quota_text = std::to_string(quota.count());
    if (std::filesystem::exists(folder + "/cpu.max")) {
      CHECK(first_line(folder + "/cpu.max") == quota_text + " " + std::to_string(period.count()));
    } else {
      CHECK(first_line(folder + "/cpu.cfs_period_us") == std::to_string(period.count()));
      CHECK(first_line(folder + "/cpu.cfs_quota_us") == quota_text);
    }
    CHECK(throttled(folder) == 0);
    const auto child = start(kSpin, sandbox->cgroup_procs_fds());
    CHECK(eventually([&] { return throttled(folder) > 2; }));
  }
}
