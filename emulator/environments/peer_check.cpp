// SPDX-License-Identifier: MIT
#include "emulator/environments/peer_check.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/base/log.h"
#include "runtime/base/text.h"
#include "runtime/process/process_tree.h"

namespace phork::emulator {
namespace {

namespace fs = std::filesystem;

// A socket as /proc/net/tcp shows it.
struct Socket {
  uid_t owner = 0;
  std::string link;  // as in /proc/PID/fd
};

// "0100007F:1F90", the form of https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
std::string in_hex(const sockaddr_in& address) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08X:%04X",
                static_cast<unsigned>(address.sin_addr.s_addr),
                static_cast<unsigned>(ntohs(address.sin_port)));
  return text.data();
}

// The row of the socket at the other end. `prefix` comes before both addresses.
std::optional<Socket> find_in(const char* table, const std::string& prefix, const TcpEnds& ends) {
  const std::string local = prefix + in_hex(ends.peer);
  const std::string remote = prefix + in_hex(ends.own);
  std::ifstream file(table);
  for (std::string line; std::getline(file, line);) {
    if (line.find(local) == std::string::npos) continue;
    std::istringstream fields(line);
    std::array<std::string, 7> skipped;  // the rest of them: state, queues, timers, timeout
    std::string from;
    std::string to;
    std::string inode;
    Socket socket;
    fields >> skipped[0] >> from >> to >> skipped[1] >> skipped[2] >> skipped[3] >> skipped[4];
    fields >> socket.owner >> skipped[5] >> inode;
    if (!fields || from != local || to != remote) continue;
    socket.link = "socket:[" + inode + "]";
    return socket;
  }
  return std::nullopt;
}

std::optional<Socket> find_peer(const TcpEnds& ends) {
  if (auto found = find_in("/proc/self/net/tcp", "", ends)) return found;
  // Runtimes like Java's reach IPv4 addresses through sockets of IPv6.
  return find_in("/proc/self/net/tcp6", "0000000000000000FFFF0000", ends);
}

// True if the process has the socket; nullopt when its descriptors cannot be seen.
std::optional<bool> has_socket(pid_t pid, const std::string& link) {
  std::error_code error;
  fs::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", error);
  if (error == std::errc::permission_denied) return std::nullopt;
  while (!error && entry != fs::directory_iterator()) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone).native() == link) return true;
    entry.increment(error);
  }
  return false;
}

// True if a process that is not in `own` has the socket.
bool is_elsewhere(const std::string& link, const std::vector<pid_t>& own) {
  std::error_code error;
  fs::directory_iterator entry("/proc", error);
  while (!error && entry != fs::directory_iterator()) {
    const auto pid = base::parse_number<pid_t>(entry->path().filename().native());
    if (pid && std::ranges::find(own, *pid) == own.end() &&
        has_socket(*pid, link).value_or(false)) {
      return true;
    }
    entry.increment(error);
  }
  return false;
}

// True if one of `roots` or a descendant has the socket.
bool is_of(const std::vector<pid_t>& roots, const Socket& socket) {
  if (roots.empty()) return false;
  // The usual case, without a list of all processes.
  for (const pid_t root : roots) {
    if (has_socket(root, socket.link).value_or(false)) return true;
  }
  bool all_seen = true;
  std::vector<pid_t> own;
  for (const pid_t root : roots) {
    const std::vector<pid_t> tree = process::process_tree(root);
    own.insert(own.end(), tree.begin(), tree.end());
  }
  for (const pid_t pid : own) {
    const std::optional<bool> has = has_socket(pid, socket.link);
    if (has.value_or(false)) return true;
    all_seen = all_seen && has.has_value();
  }
  // A process that is not dumpable, as bootstrap is, shows its descriptors to a privileged user
  // only. Then the socket is its own if it is ours and no other process of ours has it.
  return !all_seen && socket.owner == ::geteuid() && !is_elsewhere(socket.link, own);
}

// Describes a socket that was refused. Root of the machine that has another number in a user name
// space may list the descriptors of a process that is not dumpable, but not read them: such a
// process shows nothing.
std::string describe(const Socket& socket) {
  if (socket.owner != ::geteuid()) return "one of user " + std::to_string(socket.owner);
  if (is_elsewhere(socket.link, {})) return "one of this user, of another process";
  return "one of this user that no process shows: in a user name space run phork as the user that "
         "it has outside, or as root (unshare --map-root-user)";
}

std::string refusal(const std::vector<pid_t>& roots, const std::optional<Socket>& socket) {
  return "emulator: refuse a connection to the Runtime API (status 403): expected a socket of " +
         (roots.empty() ? std::string("the function, which does not run")
                        : "process " + std::to_string(roots.back()) + " or its descendants, user " +
                              std::to_string(::geteuid())) +
         ", got " + (socket ? describe(*socket) : "one that /proc/self/net/tcp does not list") +
         "; later ones are refused without a line";
}

}  // namespace

void PeerCheck::expect() {
  const std::lock_guard lock(mutex_);
  expected_ = true;
}

void PeerCheck::attach(const std::vector<pid_t>& roots) {
  const std::lock_guard lock(mutex_);
  expected_ = false;
  roots_.insert(roots_.end(), roots.begin(), roots.end());
  changed_.notify_all();
}

void PeerCheck::detach() {
  const std::lock_guard lock(mutex_);
  expected_ = false;
  roots_.clear();
  changed_.notify_all();
}

bool PeerCheck::is_own(const TcpEnds& ends) {
  std::vector<pid_t> roots;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !expected_; });
    roots = roots_;
  }
  const std::optional<Socket> socket = find_peer(ends);
  if (socket && is_of(roots, *socket)) return true;
  const std::lock_guard lock(mutex_);
  if (!std::exchange(reported_, true)) base::log_warn(refusal(roots, socket));
  return false;
}

}  // namespace phork::emulator
