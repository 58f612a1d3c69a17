// SPDX-License-Identifier: MIT
#include "bench/subjects/web_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "bench/figures/text.h"
#include "bench/subjects/launch.h"
#include "bench/subjects/web_server_config.h"
#include "runtime/http/event_reader.h"
#include "runtime/process/process_tree.h"

namespace phork::bench {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Fd;
using base::Result;
using base::Status;

constexpr std::chrono::seconds kStartTimeout = 10s;
constexpr std::chrono::milliseconds kPollInterval = 1ms;
constexpr int kBacklog = 511;  // nginx's default
// The descriptor number under which both programs inherit a bound socket.
constexpr int kInheritedSocket = 3;

Fd listen_on(int family, const sockaddr* address, socklen_t size) {
  Fd socket(base::check(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "bench: make socket"));
  base::check(::bind(socket.get(), address, size), "bench: bind a socket");
  base::check(::listen(socket.get(), kBacklog), "bench: listen");
  return socket;
}

Fd listen_on_loopback(std::uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  Fd socket = listen_on(AF_INET, generic, size);
  base::check(::getsockname(socket.get(), generic, &size), "bench: read the port");
  port = ntohs(address.sin_port);
  return socket;
}

// `path` fits sun_path: it lies in a folder that mkdtemp made below /tmp.
Fd listen_on_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return listen_on(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

constexpr std::array<std::string_view, 5> kConnectionHeaders = {
    "connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"};

bool has_header(const http::Request& request, std::string_view name) {
  return std::ranges::find(request.headers, name, &event::NameValue::name) != request.headers.end();
}

bool is_sent_with_length(const http::Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

}  // namespace

std::string request_text(const http::Request& request) {
  std::string text = request.method + ' ' + request.path;
  if (!request.query_string.empty()) text.append("?").append(request.query_string);
  text.append(" HTTP/1.1\r\n");
  if (!has_header(request, "host")) text.append("host: localhost\r\n");
  for (const auto& [name, value] : request.headers) {
    if (std::ranges::find(kConnectionHeaders, name) != kConnectionHeaders.end()) continue;
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (is_sent_with_length(request)) {
    text.append("content-length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  return text.append("\r\n").append(request.body);
}

WebServer::WebServer(Launch launch, unsigned workers)
    : launch_(std::move(launch)), workers_(workers) {}

// nginx ends before php-fpm, so that it logs no error about a missing backend.
WebServer::~WebServer() {
  for (const auto& process : processes_) process::end_tree(*process);
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Status WebServer::start() {
  folder_ = "/tmp/phork-bench-XXXXXX";
  if (::mkdtemp(folder_.data()) == nullptr) {
    folder_.clear();
    return base::system_error("bench: make a folder in /tmp", errno);
  }
  const Clock::time_point started = Clock::now();
  const bool is_nginx = launch_.kind == SubjectKind::kNginxFpm;
  if (Status up = is_nginx ? start_nginx_and_fpm() : start_php_server(); !up) return up;
  if (Status ready = wait_until_ready(is_nginx); !ready) return ready;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started);
  cold_start_us_ = took.count();
  return base::ok_status();
}

Status WebServer::start_nginx_and_fpm() {
  const Fd web = listen_on_loopback(port_);
  const WebSite site{folder_, launch_.script, port_, workers_, ::geteuid() == 0};
  const Fd fpm = listen_on_path(fpm_socket(site));
  const std::string nginx_file = folder_ + "/nginx.conf";
  const std::string fpm_file = folder_ + "/fpm.conf";
  if (Status written = write_file(nginx_file, nginx_configuration(site)); !written) return written;
  if (Status written = write_file(fpm_file, fpm_configuration(site)); !written) return written;
  const std::string inherited = std::to_string(kInheritedSocket);

  process::SpawnOptions nginx;
  nginx.program = launch_.nginx;
  nginx.arguments = {"nginx", "-e", "stderr", "-c", nginx_file, "-p", folder_};
  nginx.environment = environment_of(launch_);
  process::set_variable(nginx.environment, "NGINX", inherited + ";");
  nginx.descriptors = {{web.get(), kInheritedSocket}};
  if (Status spawned = spawn(std::move(nginx)); !spawned) return spawned;

  process::SpawnOptions master;
  master.program = launch_.program;
  master.arguments = {"php-fpm", "--nodaemonize", "-R", "--fpm-config", fpm_file};
  master.environment = environment_of(launch_);
  process::set_variable(master.environment, "FPM_SOCKETS", fpm_socket(site) + "=" + inherited);
  master.descriptors = {{fpm.get(), kInheritedSocket}};
  return spawn(std::move(master));
}

// `php -S` cannot inherit a socket: the port is found by binding it and is unbound for a moment. A
// script of another name than index.php is passed as a router, so that it gets every path.
Status WebServer::start_php_server() {
  listen_on_loopback(port_).reset();
  const std::filesystem::path script = launch_.script;
  process::SpawnOptions options;
  options.program = launch_.program;
  options.arguments = {"php", "-q",
                       "-d",  "display_errors=0",
                       "-d",  "log_errors=1",
                       "-S",  "127.0.0.1:" + std::to_string(port_),
                       "-t",  script.parent_path().string()};
  if (script.filename() != "index.php") options.arguments.push_back(script.string());
  options.environment = environment_of(launch_);
  if (workers_ > 1) {
    process::set_variable(options.environment, "PHP_CLI_SERVER_WORKERS", std::to_string(workers_));
  }
  return spawn(std::move(options));
}

Status WebServer::spawn(process::SpawnOptions options) {
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  options.working_directory = launch_.workload.task_root;
  options.descriptors.insert(
      options.descriptors.end(),
      {{null.get(), STDIN_FILENO}, {log_.fd(), STDOUT_FILENO}, {log_.fd(), STDERR_FILENO}});
  auto process = process::Process::spawn(options);
  if (!process) return process.error();
  processes_.push_back(std::move(process).value());
  return base::ok_status();
}

// `pinged`: the port accepts connections before a worker is ready, so php-fpm is asked.
Status WebServer::wait_until_ready(bool pinged) {
  const std::string ping =
      std::string("GET ") + kPingPath + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
  const Clock::time_point until = Clock::now() + kStartTimeout;
  while (Clock::now() < until) {
    for (const auto& process : processes_) {
      if (const auto status = process->wait(Clock::now())) {
        return failure("start", "it ended: " + status->describe());
      }
    }
    emulator::HttpClient client(port_);
    if (!pinged && client.connect()) return base::ok_status();
    if (pinged) {
      const auto answer = client.call(ping);
      if (answer && answer->status == 200) return base::ok_status();
    }
    if (base::wait_readable(processes_.front()->pidfd(), Clock::now() + kPollInterval)) continue;
  }
  return failure("start", "not ready within 10 s");
}

RuntimeUsage WebServer::usage() const {
  RuntimeUsage usage;
  for (const auto& process : processes_) usage.add(measure_runtime(process->pid()));
  return usage;
}

TreeCost WebServer::cost() const {
  TreeCost cost;
  for (const auto& process : processes_) cost += measure_cost(process->pid());
  return cost;
}

Error WebServer::failure(const std::string& action, const std::string& reason) {
  std::string text = "bench: " + action + " of " + launch_.label + ": " + reason;
  return log_.failure(std::move(text));
}

HttpSubject::HttpSubject(const Workload& workload, std::unique_ptr<WebServer> server)
    : workload_(workload), owned_(std::move(server)), server_(*owned_) {}

HttpSubject::HttpSubject(const Workload& workload, WebServer& server)
    : workload_(workload), server_(server) {}

Status HttpSubject::start() {
  const auto event = http::read_event(workload_.payload);
  if (!event) return event.error();
  request_ = request_text(event->request);
  method_ = event->request.method;
  if (owned_) {
    if (Status started = server_.start(); !started) return started;
  }
  client_.emplace(server_.port());
  return base::ok_status();
}

Result<Answer> HttpSubject::invoke() {
  const auto sent = std::chrono::steady_clock::now();
  const auto reply = client_->call(request_, method_);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - sent);
  if (!reply) return failure(reply.error().text);
  Answer answer{reply->status, reply->body};
  if (Status good = check_answer(answer, workload_.expected_text); !good) {
    return failure(good.error().text);
  }
  samples_.push_back({.latency_us = took.count()});
  return answer;
}

Result<std::vector<EventSample>> HttpSubject::take_samples() {
  return std::exchange(samples_, {});
}

Error HttpSubject::failure(const std::string& reason) {
  return server_.failure("serve event '" + workload_.name + "'", reason);
}

}  // namespace phork::bench
