// SPDX-License-Identifier: MIT
#include "tests/support/reference_server.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/program.h"
#include "runtime/base/settings.h"
#include "tests/support/sockets/loopback.h"

namespace phork::testing {
namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";
constexpr const char* kSnippet = "/etc/nginx/snippets/fastcgi-php.conf";
constexpr int kBacklog = 64;
constexpr int kInheritedSocket = 3;

// The text between the braces of `http`. The manuals of frameworks ask for the maps and `real_ip`
// lines behind a load balancer that ends TLS.
constexpr const char* kHttpBlock = R"(
  set_real_ip_from 127.0.0.1;
  real_ip_header X-Forwarded-For;
  map $http_x_forwarded_proto $front_https { default ""; https on; }
  map $http_x_forwarded_proto $front_scheme { default http; https https; }
)";

constexpr const char* kLocations = R"(
    location / { try_files $uri $uri/ /index.php$is_args$args; }
    location ~ \.php(/|$) {
      include /etc/nginx/snippets/fastcgi-php.conf;
      fastcgi_param HTTPS $front_https if_not_empty;
      fastcgi_param REQUEST_SCHEME $front_scheme;
      fastcgi_param SERVER_PORT $http_x_forwarded_port;
      fastcgi_param SERVER_NAME $host;
      fastcgi_buffers 64 64k;
      fastcgi_buffer_size 64k;
)";

std::string find_fpm() {
  return base::find_program(base::php_program_names("php-fpm"), base::variable("PATH"));
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error("tests: write '" + path + "': it cannot be written");
}

std::string make_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "phork-reference-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("tests: make a folder");
  return path;
}

base::Fd listen_on_path(const std::string& path) {
  base::Fd socket(
      base::check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "tests: make socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  base::check(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)),
              "tests: bind the socket of php-fpm");
  base::check(::listen(socket.get(), kBacklog), "tests: listen");
  return socket;
}

std::string nginx_configuration(const std::string& folder, const ReferenceOptions& options,
                                std::uint16_t port) {
  // Without a master process, nginx crashes on sockets that it did not open itself.
  std::string text = "daemon off;\nworker_processes 1;\nerror_log stderr warn;\n";
  if (::geteuid() == 0) text.append("user root;\n");
  text.append("pid ").append(folder).append("/nginx.pid;\n");
  text.append("events { worker_connections 64; }\nhttp {\n");
  text.append("  include /etc/nginx/mime.types;\n  access_log off;\n");
  text.append("  client_max_body_size 64m;\n  large_client_header_buffers 8 64k;\n");
  for (const char* use : {"client_body", "fastcgi", "proxy", "scgi", "uwsgi"}) {
    text.append("  ").append(use).append("_temp_path ").append(folder).append("/").append(use);
    text.append(";\n");
  }
  text.append(kHttpBlock).append("  server {\n    listen 127.0.0.1:").append(std::to_string(port));
  text.append(";\n    root ").append(options.document_root).append(";\n    index index.php;");
  text.append(kLocations).append("      fastcgi_pass unix:").append(folder);
  return text.append("/fpm.sock;\n    }\n  }\n}\n");
}

std::string fpm_configuration(const std::string& folder, const ReferenceOptions& options) {
  std::string text =
      "[global]\nerror_log = /proc/self/fd/2\nlog_level = warning\ndaemonize = no\n"
      "[reference]\npm = static\nclear_env = no\ncatch_workers_output = yes\n"
      "decorate_workers_output = no\n";
  text.append("pm.max_children = ").append(std::to_string(options.workers));
  text.append("\nlisten = ").append(folder).append("/fpm.sock\n");
  for (const auto& [name, value] : options.ini) {
    text.append("php_admin_value[").append(name).append("] = \"").append(value).append("\"\n");
  }
  return text;
}

}  // namespace

std::string ReferenceServer::missing_programs() {
  std::string missing;
  const auto add = [&missing](const char* needed) {
    missing.append(missing.empty() ? "" : ", ").append(needed);
  };
  for (const char* needed : {kNginx, kSnippet}) {
    if (!std::filesystem::exists(needed)) add(needed);
  }
  if (find_fpm().empty()) add("php-fpm");
  return missing;
}

ReferenceServer::ReferenceServer(const ReferenceOptions& options) : folder_(make_folder()) {
  const std::string socket_path = folder_ + "/fpm.sock";
  const Loopback web = listen_on_loopback();
  port_ = static_cast<std::uint16_t>(web.port);
  const base::Fd fpm = listen_on_path(socket_path);
  // The snippet includes its neighbour by a name relative to the main file.
  write_file(folder_ + "/fastcgi.conf", "include /etc/nginx/fastcgi.conf;\n");
  write_file(folder_ + "/nginx.conf", nginx_configuration(folder_, options, port_));
  write_file(folder_ + "/fpm.conf", fpm_configuration(folder_, options));
  // Both programs can inherit sockets, so a client can connect before they are ready.
  auto environment = options.environment;
  environment["FPM_SOCKETS"] = socket_path + "=" + std::to_string(kInheritedSocket);
  fpm_ = std::make_unique<Program>(
      find_fpm(), std::vector<std::string>{"-F", "-R", "-y", folder_ + "/fpm.conf"}, environment,
      std::vector<process::FdMapping>{{fpm.get(), kInheritedSocket}});
  nginx_ = std::make_unique<Program>(
      kNginx, std::vector<std::string>{"-c", folder_ + "/nginx.conf", "-p", folder_},
      std::map<std::string, std::string>{{"NGINX", std::to_string(kInheritedSocket) + ";"}},
      std::vector<process::FdMapping>{{web.socket.get(), kInheritedSocket}});
}

ReferenceServer::~ReferenceServer() {
  nginx_.reset();
  fpm_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string ReferenceServer::output() const {
  return nginx_->output() + fpm_->output();
}

}  // namespace phork::testing
