// SPDX-License-Identifier: MIT
#include "emulator/sandbox/cgroup.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"

namespace {

using namespace std::chrono_literals;
using namespace phork::emulator;

constexpr std::string_view kVersion1 =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:7 master:1 - cgroup cgroup rw,memory\n"
    "37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n";
constexpr std::string_view kVersion1Membership =
    "6:freezer:/\n"
    "4:memory:/user/one\n"
    "2:cpu,cpuacct:/user\n"
    "1:name=systemd:/elsewhere\n";

constexpr std::string_view kVersion2 =
    "24 22 0:21 / /sys rw - sysfs sysfs rw\n"
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

constexpr std::string_view kHybrid =
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

}  // namespace

TEST_SUITE("emulator: finding control groups") {
  TEST_CASE("version 1: a controller has its own folder or shares one") {
    const CgroupLayout layout = parse_cgroup_layout(kVersion1Membership, kVersion1);
    CHECK(layout.cpu == "/sys/fs/cgroup/cpu,cpuacct/user");
    CHECK(layout.cpuacct == "/sys/fs/cgroup/cpu,cpuacct/user");
    CHECK(layout.memory == "/sys/fs/cgroup/memory/user/one");
    CHECK(layout.freezer == "/sys/fs/cgroup/freezer");
    CHECK(layout.unified.empty());
  }

  TEST_CASE("version 2: one folder for all") {
    const CgroupLayout layout =
        parse_cgroup_layout("0::/user.slice/user-1000.slice/a.scope\n", kVersion2);
    CHECK(layout.unified == "/sys/fs/cgroup/user.slice/user-1000.slice/a.scope");
    CHECK(layout.cpu.empty());
    CHECK(layout.memory.empty());
  }

  TEST_CASE("both: controllers in version 1, and a version 2 without any") {
    const CgroupLayout layout = parse_cgroup_layout("2:cpuacct:/\n1:cpu:/a\n0::/\n", kHybrid);
    CHECK(layout.cpu == "/sys/fs/cgroup/cpu/a");
    CHECK(layout.cpuacct == "/sys/fs/cgroup/cpuacct");
    CHECK(layout.unified == "/sys/fs/cgroup/unified");
    CHECK(layout.memory.empty());
    CHECK(layout.freezer.empty());
  }

  TEST_CASE("a container sees part of the hierarchy, with its own group in it") {
    const std::string_view mounts =
        "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
    CHECK(parse_cgroup_layout("4:memory:/docker/abc\n", mounts).memory == "/sys/fs/cgroup/memory");
    CHECK(parse_cgroup_layout("4:memory:/docker/abc/d\n", mounts).memory ==
          "/sys/fs/cgroup/memory/d");
    // Not ours: another container, and one with our name as a prefix.
    CHECK(parse_cgroup_layout("4:memory:/docker/x\n", mounts).memory.empty());
    CHECK(parse_cgroup_layout("4:memory:/docker/abcd\n", mounts).memory.empty());
  }

  TEST_CASE("blanks in a folder's name are read from octal escapes") {
    const std::string_view mounts =
        "35 31 0:32 / /mnt/my\\040groups\\134x rw - cgroup2 cgroup2 rw\n";
    CHECK(parse_cgroup_layout("0::/\n", mounts).unified == "/mnt/my groups\\x");
  }

  TEST_CASE("a colon in a group's name belongs to the name") {
    CHECK(parse_cgroup_layout("0::/a:b\n", kVersion2).unified == "/sys/fs/cgroup/a:b");
  }

  TEST_CASE("truncated texts give no folders but those of the whole text") {
    for (std::size_t length = 0; length < kVersion1.size(); ++length) {
      const CgroupLayout layout =
          parse_cgroup_layout(kVersion1Membership, kVersion1.substr(0, length));
      CHECK((layout.memory.empty() || layout.memory == "/sys/fs/cgroup/memory/user/one"));
      CHECK((layout.cpu.empty() || layout.cpu == "/sys/fs/cgroup/cpu,cpuacct/user"));
    }
    for (std::size_t length = 0; length < kVersion1Membership.size(); ++length) {
      const CgroupLayout layout =
          parse_cgroup_layout(kVersion1Membership.substr(0, length), kVersion1);
      CHECK((layout.cpu.empty() || layout.cpu.starts_with("/sys/fs/cgroup/cpu,cpuacct")));
    }
  }
}

TEST_SUITE("emulator: files of control groups") {
  TEST_CASE("numbers are read with and without keys") {
    constexpr std::string_view kEvents = "low 0\noom 3\noom_kill 2\n";
    CHECK(keyed_number(kEvents, "oom_kill") == 2);
    CHECK(keyed_number(kEvents, "oom") == 3);
    CHECK_FALSE(keyed_number(kEvents, "oom_k").has_value());
    CHECK_FALSE(keyed_number("oom_kill\n", "oom_kill").has_value());
    CHECK(sole_number("1234\n") == 1234);
    CHECK_FALSE(sole_number("max\n").has_value());
    CHECK_FALSE(sole_number("").has_value());
  }

  TEST_CASE("only whole words are found") {
    CHECK(has_word("cpuset cpu io\n", "cpu"));
    CHECK_FALSE(has_word("cpuset io\n", "cpu"));
    CHECK_FALSE(has_word("\n", "cpu"));
  }

  TEST_CASE("CPU follows memory: one for 1,769 MB, at most six, at least 1 ms") {
    CHECK(cpu_share(1769).quota == cpu_share(1769).period);
    CHECK(cpu_share(1769).period == 20ms);
    CHECK(cpu_share(128).quota == 1447us);
    CHECK(cpu_share(3538).quota == 40ms);
    CHECK(cpu_share(10'240).quota == 115'771us);
    CHECK(cpu_share(20'000).quota == 120ms);
    CHECK(cpu_share(1).quota == 1ms);
  }

  TEST_CASE("a group's name contains its owner, and other names have none") {
    CHECK(cgroup_name(42, 7) == "phork-42-7");
    CHECK(cgroup_owner("phork-42-7") == 42);
    for (const std::string_view name : {"phork-42", "phork--1-7", "phork-0-7", "phork-42-7x",
                                        "phork-42-", "phork-x-7", "sphork-42-7", "init.scope"}) {
      CAPTURE(name);
      CHECK_FALSE(cgroup_owner(name).has_value());
    }
  }

  TEST_CASE("errors name the file and the reason") {
    const phork::testing::ScratchFolder scratch;
    const std::string none = scratch.file("none/file");
    CHECK(read_cgroup_file(none).error().text ==
          "cannot read '" + none + "': no such file or directory");
    CHECK(write_cgroup_file(none, "1").error().text ==
          "cannot write '" + none + "': no such file or directory");
    CHECK(make_cgroup(none).error().text ==
          "cannot make '" + none + "': no such file or directory");
  }
}
