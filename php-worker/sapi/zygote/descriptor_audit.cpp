// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/descriptor_audit.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "php-worker/sapi/memory/opcache_lock.h"
#include "php-worker/sapi/memory/proc_file.h"
#include "php-worker/sapi/zygote/self_pipes.h"

namespace phork::sapi {
namespace {

// /dev/null, zero, full, random and urandom: Documentation/admin-guide/devices.txt
constexpr unsigned kMemoryDevices = 1;

// Reads flags, cursor and locks: https://docs.kernel.org/filesystems/proc.html (fdinfo).
void read_info(OpenDescriptor& descriptor) {
  std::ifstream file("/proc/self/fdinfo/" + std::to_string(descriptor.number));
  for (std::string word; file >> word;) {
    if (word == "pos:") file >> descriptor.position;
    if (word == "flags:") file >> std::oct >> descriptor.flags >> std::dec;
    if (word == "lock:") descriptor.locked = true;
  }
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The standard stream that `status` belongs to, the error stream first, because logs go there. Two
// descriptions of one pipe cannot be told apart, and need not be.
int find_standard(const struct stat& status) {
  for (const int standard : {STDERR_FILENO, STDOUT_FILENO, STDIN_FILENO}) {
    struct stat other {};

    if (::fstat(standard, &other) == 0 && same_file(status, other)) return standard;
  }
  return -1;
}

bool can_open_again(const OpenDescriptor& descriptor) {
  const int access = descriptor.flags & O_ACCMODE;
  const int wanted = access == O_RDONLY ? R_OK : access == O_WRONLY ? W_OK : R_OK | W_OK;
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor.number);
  return ::faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) == 0;
}

std::string access_name(int flags) {
  const int access = flags & O_ACCMODE;
  std::string name = access == O_RDONLY ? "reading" : access == O_WRONLY ? "writing" : "both";
  return (flags & O_APPEND) != 0 ? "appending" : name;
}

void describe_file(OpenDescriptor& descriptor, const struct stat& status, const std::string& link) {
  const bool anonymous = status.st_nlink == 0 && (descriptor.flags & O_ACCMODE) != O_RDONLY;
  if (can_open_again(descriptor)) {
    descriptor.kind = anonymous ? DescriptorKind::kAnonymous : DescriptorKind::kFile;
  }
  descriptor.what = std::string(S_ISDIR(status.st_mode) ? "the folder '" : "the file '") + link +
                    "', open for " + access_name(descriptor.flags);
}

std::string describe_anonymous_inode(const std::string& link) {
  constexpr std::array<std::array<std::string_view, 2>, 7> kNames{{
      {"eventpoll", "an epoll set"},
      {"timerfd", "a timerfd"},
      {"inotify", "an inotify watch"},
      {"fanotify", "a fanotify watch"},
      {"signalfd", "a signalfd"},
      {"pidfd", "a pidfd"},
      {"io_uring", "an io_uring"},
  }};
  for (const auto& [part, name] : kNames) {
    if (link.find(part) != std::string::npos) return std::string(name);
  }
  return "a kernel object, '" + link + "'";
}

void describe_pipe(OpenDescriptor& descriptor, const struct stat& status, const std::string& link) {
  const bool named = status.st_nlink > 0 && link.starts_with('/');
  descriptor.what = named ? "the named pipe '" + link + "'" : "a pipe";
  descriptor.what +=
      (descriptor.flags & O_ACCMODE) == O_RDONLY ? ", its reading end" : ", its writing end";
}

bool is_harmless(const OpenDescriptor& descriptor, const struct stat& status,
                 const std::string& link) {
  if ((descriptor.flags & O_PATH) != 0) return true;
  if (S_ISCHR(status.st_mode)) return major(status.st_rdev) == kMemoryDevices;
  if (link == "anon_inode:[eventfd]") return true;
  return S_ISREG(status.st_mode) && is_opcache_lock(link);
}

struct SocketName {
  std::string text;        // "a TCP connection to 10.0.0.5:3306"
  bool made_here = false;  // this process made both ends, as by socketpair()
  bool is_remote = false;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

int option(int number, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(number, SOL_SOCKET, name, &value, &size);
  return value;
}

std::string with_port(const char* host, in_port_t port) {
  return std::string(host) + ":" + std::to_string(ntohs(port));
}

std::string internet_address(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return with_port(text.data(), v4.sin_port);
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return with_port(("[" + std::string(text.data()) + "]").c_str(), v6.sin6_port);
}

// "" for a socket without a name. A name of the abstract kind begins with a zero byte, shown as @.
std::string unix_path(const Address& address) {
  constexpr std::size_t kPathAt = offsetof(sockaddr_un, sun_path);
  if (address.size <= kPathAt) return {};
  const auto& local = reinterpret_cast<const sockaddr_un&>(address.storage);
  std::string path(local.sun_path, address.size - kPathAt);
  if (path.front() == '\0') path.front() = '@';
  return path.substr(0, path.find('\0'));
}

std::string internet_name(int number, Address& own, Address& peer, bool connected) {
  const bool stream = option(number, SO_TYPE) == SOCK_STREAM;
  const std::string protocol = stream ? "TCP" : "UDP";
  if (connected) return "a " + protocol + " connection to " + internet_address(peer);
  const bool listens = option(number, SO_ACCEPTCONN) != 0;
  return "a " + protocol + (listens ? " socket that listens on " : " socket bound to ") +
         internet_address(own);
}

bool connected_by(int number, pid_t pid) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  return ::getsockopt(number, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
         credentials.pid == pid;
}

SocketName unix_name(int number, const Address& own, const Address& peer, bool connected) {
  if (!connected) {
    const bool listens = option(number, SO_ACCEPTCONN) != 0;
    return {std::string("a Unix socket that ") +
                (listens ? "listens on '" : "is not connected, bound to '") + unix_path(own) + "'",
            false};
  }
  if (!connected_by(number, ::getpid())) {
    const std::string path = unix_path(peer);
    return {path.empty() ? "a Unix connection to a process without an address"
                         : "a Unix connection to '" + path + "'",
            false};
  }
  return {"a Unix socket that this process connected to itself", true};
}

SocketName name_socket(int number) {
  Address own;
  Address peer;
  if (::getsockname(number, own.raw(), &own.size) != 0) return {"a socket", false};
  const bool connected = ::getpeername(number, peer.raw(), &peer.size) == 0;
  switch (own.storage.ss_family) {
    case AF_INET:
    case AF_INET6:
      return {internet_name(number, own, peer, connected), false, connected};
    case AF_UNIX:
      return unix_name(number, own, peer, connected);
    default:
      return {"a socket of address family " + std::to_string(own.storage.ss_family), false};
  }
}

std::optional<OpenDescriptor> audit_one(int number) {
  OpenDescriptor descriptor;
  descriptor.number = number;

  struct stat status {};

  if (::fstat(number, &status) != 0) return std::nullopt;
  read_info(descriptor);
  const std::string link = read_proc_link("/proc/self/fd/" + std::to_string(number));
  if (is_harmless(descriptor, status, link)) return std::nullopt;
  descriptor.standard = find_standard(status);
  if (descriptor.standard != -1) {
    descriptor.kind = DescriptorKind::kStandard;
    descriptor.what = "a copy of standard stream " + std::to_string(descriptor.standard);
  } else if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
    describe_file(descriptor, status, link);
  } else if (S_ISSOCK(status.st_mode)) {
    const SocketName name = name_socket(number);
    if (name.made_here) descriptor.kind = DescriptorKind::kSelfPipe;
    descriptor.is_remote = name.is_remote;
    descriptor.what = name.text;
  } else if (S_ISFIFO(status.st_mode)) {
    describe_pipe(descriptor, status, link);
  } else {
    descriptor.what =
        S_ISCHR(status.st_mode) ? "the device '" + link + "'" : describe_anonymous_inode(link);
  }
  return descriptor;
}

}  // namespace

std::vector<OpenDescriptor> audit_descriptors(const std::vector<int>& own) {
  std::vector<OpenDescriptor> found;
  for (const int number : open_descriptors()) {
    if (std::ranges::binary_search(own, number)) continue;
    if (auto descriptor = audit_one(number)) found.push_back(std::move(*descriptor));
  }
  pair_self_pipes(found);
  return found;
}

}  // namespace phork::sapi
