// SPDX-License-Identifier: MIT
//
// Uses folders that look like control groups.
#include "emulator/sandbox/cgroup_home.h"

#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/process/spawn.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using namespace phork::emulator;
using testing::ScratchFolder;

CgroupLayout unified(const ScratchFolder& scratch) {
  CgroupLayout layout;
  layout.unified = scratch.path();
  return layout;
}

// The pid of a process that has ended.
pid_t gone_pid() {
  process::SpawnOptions options;
  options.program = "/bin/true";
  options.arguments = {"true"};
  auto spawned = process::Process::spawn(options);
  REQUIRE(spawned.ok());
  REQUIRE(spawned.value()->wait().has_value());
  return spawned.value()->pid();
}

}  // namespace

TEST_SUITE("emulator: the folders for control groups") {
  TEST_CASE("version 1: groups are made where the controllers are mounted") {
    CgroupHome home({"/v1/cpu", "/v1/cpuacct", "/v1/memory", "/v1/freezer", ""});
    CHECK(home.place(Controller::kCpu)->folder == "/v1/cpu");
    CHECK(home.place(Controller::kMemory)->folder == "/v1/memory");
    CHECK(home.place(Controller::kFreezer)->folder == "/v1/freezer");
    CHECK(home.place(Controller::kCpuUsage)->folder == "/v1/cpuacct");
    CHECK_FALSE(home.place(Controller::kCpu)->unified);
  }

  TEST_CASE("version 2 freezes and counts even where version 1 has the controllers") {
    const ScratchFolder scratch;
    CgroupHome home({"/v1/cpu", "/v1/cpuacct", "/v1/memory", "/v1/freezer", scratch.path()});
    CHECK(home.place(Controller::kFreezer)->folder == scratch.path());
    CHECK(home.place(Controller::kCpuUsage)->unified);
    CHECK(home.place(Controller::kMemory)->folder == "/v1/memory");
  }

  TEST_CASE("version 2: a controller that is enabled already is used as it is") {
    const ScratchFolder scratch;
    scratch.write("cgroup.controllers", "cpuset cpu memory\n");
    scratch.write("cgroup.subtree_control", "cpu memory\n");
    scratch.write("cgroup.type", "domain\n");
    CgroupHome home(unified(scratch));
    CHECK(home.place(Controller::kCpu)->unified);
    CHECK(home.place(Controller::kMemory).ok());
    CHECK(scratch.read("cgroup.subtree_control") == "cpu memory\n");
  }

  TEST_CASE("version 2: an available controller is enabled for groups below") {
    const ScratchFolder scratch;
    scratch.write("cgroup.controllers", "cpu memory\n");
    scratch.write("cgroup.subtree_control", "");
    CgroupHome home(unified(scratch));
    CHECK(home.place(Controller::kMemory).ok());
    CHECK(scratch.read("cgroup.subtree_control") == "+memory");
  }

  TEST_CASE("version 2: the error names a controller that is not delegated to us") {
    const ScratchFolder scratch;
    scratch.write("cgroup.controllers", "memory pids\n");
    scratch.write("cgroup.subtree_control", "");
    CgroupHome home(unified(scratch));
    CHECK(home.place(Controller::kCpu).error().text ==
          "'" + scratch.path() +
              "/cgroup.controllers' does not have 'cpu': it is not delegated to this process");
    CHECK(home.place(Controller::kFreezer).ok());
  }

  TEST_CASE("version 2: no groups are made among threaded groups") {
    const ScratchFolder scratch;
    scratch.write("cgroup.type", "threaded\n");
    CgroupHome home(unified(scratch));
    CHECK(home.place(Controller::kFreezer).error().text ==
          "'" + scratch.path() + "' is threaded: it has no room for groups of processes");
  }

  // A folder in place of the file cannot be written, as when the kernel refuses.
  TEST_CASE("version 2: a process alone in a group that must be empty moves into one below") {
    const ScratchFolder scratch;
    const std::string own = cgroup_name(::getpid(), 0);
    scratch.write("cgroup.controllers", "cpu\n");
    scratch.make_folder("cgroup.subtree_control");
    scratch.write("cgroup.procs", std::to_string(::getpid()) + "\n");
    scratch.write(own + "/cgroup.procs", "");
    CgroupHome home(unified(scratch));
    CHECK_FALSE(home.place(Controller::kCpu).ok());
    CHECK(scratch.read(own + "/cgroup.procs") == "0");
    // Having moved, it still makes groups beside the one it is in now.
    CgroupLayout moved;
    moved.unified = scratch.file(own);
    CHECK(CgroupHome(moved).place(Controller::kFreezer)->folder == scratch.path());
  }

  TEST_CASE("version 2: the error tells a process that is not alone how to get its own group") {
    const ScratchFolder scratch;
    scratch.write("cgroup.controllers", "cpu\n");
    scratch.make_folder("cgroup.subtree_control");
    scratch.write("cgroup.procs", "1\n" + std::to_string(::getpid()) + "\n");
    CgroupHome home(unified(scratch));
    CHECK(home.place(Controller::kCpu).error().text ==
          "other processes are in '" + scratch.path() +
              "' too; a group of its own comes with systemd-run --scope -p Delegate=yes");
  }

  TEST_CASE("groups of ended processes are removed, and no others") {
    const ScratchFolder scratch;
    const std::string gone = cgroup_name(gone_pid(), 3);
    const std::string ours = cgroup_name(::getpid(), 3);
    for (const std::string& name : {gone, ours, cgroup_name(1, 3), std::string("other")}) {
      scratch.make_folder(name);
    }
    CgroupHome(unified(scratch)).remove_leftovers();
    CHECK_FALSE(scratch.has(gone));
    CHECK(scratch.has(ours));
    CHECK(scratch.has(cgroup_name(1, 3)));
    CHECK(scratch.has("other"));
  }
}
