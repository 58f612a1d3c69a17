// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/socket_name.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace phork::sapi {
namespace {

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

// "" of a socket without a name. A name of the abstract kind begins with a zero byte, shown as @.
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

}  // namespace

SocketName name_socket(int number) {
  Address own;
  Address peer;
  if (::getsockname(number, own.raw(), &own.size) != 0) return {"a socket", false};
  const bool connected = ::getpeername(number, peer.raw(), &peer.size) == 0;
  switch (own.storage.ss_family) {
    case AF_INET:
    case AF_INET6:
      return {internet_name(number, own, peer, connected), false};
    case AF_UNIX:
      return unix_name(number, own, peer, connected);
    default:
      return {"a socket of address family " + std::to_string(own.storage.ss_family), false};
  }
}

}  // namespace phork::sapi
