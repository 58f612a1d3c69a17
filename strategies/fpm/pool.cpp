// SPDX-License-Identifier: MIT
#include "strategies/fpm/pool.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include "runtime/base/program.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;
using base::Result;

constexpr int kBacklog = 128;

Result<sockaddr_un> socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{ErrorKind::kInvalid, "strategies: name socket '" + path + "': too long"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Result<Fd> listen_at(const std::string& path) {
  const auto address = socket_address(path);
  if (!address) return address.error();
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid() ||
      ::bind(socket.get(), generic(address.value()), sizeof(sockaddr_un)) == -1 ||
      ::listen(socket.get(), kBacklog) == -1) {
    return base::system_error("strategies: listen at '" + path + "'", errno);
  }
  return socket;
}

// PHP's ini parser reads the configuration. It cannot express a quote inside quotes.
std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

}  // namespace

Result<std::string> find_fpm(const std::string& configured, const std::string& own,
                             const std::string& path) {
  if (!configured.empty()) {
    if (base::is_program(configured)) return configured;
    return Error{ErrorKind::kInvalid, "strategies: find php-fpm: expected an executable file at '" +
                                          configured + "' (from PHORK_FPM)"};
  }
  if (std::string file = own + "/php-fpm"; base::is_program(file)) return file;
  const std::vector<std::string> names = base::php_program_names("php-fpm");
  if (std::string file = base::find_program(names, path); !file.empty()) return file;
  std::string tried;
  for (const std::string& name : names) tried.append(tried.empty() ? "" : ", ").append(name);
  return Error{ErrorKind::kInvalid, "strategies: find php-fpm: tried " + tried + " in " +
                                        base::program_folders(path) +
                                        "; set PHORK_FPM to its path"};
}

// - decorate_workers_output names the worker of each line (log.h). log_limit is below the limit of
//   LineReader, so that every part of a longer line is decorated too.
// - clear_env = no: the application is configured by the environment.
// - No pm.max_requests: a worker ends only when it crashes, and keeps its connection.
// - No other setting of PHP than the file to prepend: php.ini has its effect (docs/settings.md).
std::string fpm_configuration(const FpmPool& pool) {
  std::string text =
      "[global]\n"
      "error_log = /proc/self/fd/2\n"
      "log_level = notice\n"
      "log_limit = 250000\n"
      "daemonize = no\n"
      "[phork]\n"
      "pm = static\n"
      "clear_env = no\n"
      "catch_workers_output = yes\n"
      "decorate_workers_output = yes\n";
  const auto set = [&text](const char* name, const std::string& value) {
    text.append(name).append(" = ").append(value).append("\n");
  };
  set("pm.max_children", std::to_string(pool.workers));
  set("ping.path", kFpmPingPath);
  set("listen", quoted(pool.listen));
  set("php_admin_value[auto_prepend_file]", quoted(pool.prepend_file));
  if (!pool.user.empty()) set("user", pool.user);
  if (!pool.group.empty()) set("group", pool.group);
  return text;
}

Result<Fd> keep_configuration(const std::string& text) {
  // Workers inherit it.
  constexpr int kForEver = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  Fd file(::memfd_create("php-fpm.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() || ::write(file.get(), text.data(), text.size()) != std::ssize(text) ||
      ::fcntl(file.get(), F_ADD_SEALS, kForEver) == -1) {
    return base::system_error("strategies: keep php-fpm's configuration in memory", errno);
  }
  return file;
}

Result<FpmSocket> FpmSocket::listen() {
  // Lambda lets us write to /tmp only. mkdtemp creates the folder with mode 0700.
  std::string folder = "/tmp/phork-fpm-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return base::system_error("strategies: make folder '" + folder + "'", errno);
  }
  const std::string path = folder + "/socket";
  auto listening = listen_at(path);
  Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  const int place_error = errno;
  ::unlink(path.c_str());
  ::rmdir(folder.c_str());
  if (!listening) return std::move(listening).error();
  if (!place.valid()) return base::system_error("strategies: open '" + path + "'", place_error);
  return FpmSocket(path, std::move(listening).value(), std::move(place));
}

Result<Fd> FpmSocket::connect() const {
  const std::string path = "/proc/self/fd/" + std::to_string(place_.get());
  const auto address = socket_address(path);
  if (!address) return address.error();
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid() ||
      ::connect(socket.get(), generic(address.value()), sizeof(sockaddr_un)) == -1) {
    return base::system_error("strategies: connect to php-fpm", errno);
  }
  return socket;
}

}  // namespace phork::strategies
