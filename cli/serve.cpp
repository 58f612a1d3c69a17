// SPDX-License-Identifier: MIT
#include "cli/serve.h"

#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/document_root.h"
#include "cli/terminal.h"
#include "emulator/assets/assets.h"
#include "emulator/environments/local_lambda.h"
#include "emulator/gateway/gateway.h"
#include "emulator/http/authority.h"
#include "emulator/http/site_guard.h"
#include "emulator/invoke_api/server.h"
#include "emulator/observe/request_format.h"
#include "emulator/observe/request_log.h"
#include "emulator/observe/status_page.h"
#include "emulator/reload/source_watch.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::cli {
namespace {

// Lambda drops an asynchronous event at this age.
constexpr unsigned kLongestRetryDelayS = 6 * 60 * 60;

const std::map<std::string, LogForm> kLogForms{
    {"requests", LogForm::kRequests}, {"lambda", LogForm::kLambda}, {"json", LogForm::kJson}};

// https://no-color.org/
bool wants_colours() {
  return ::isatty(STDOUT_FILENO) == 1 && base::variable("NO_COLOR").empty() &&
         base::variable("TERM") != "dumb";
}

emulator::LogSink::Form message_form(LogForm form) {
  return form == LogForm::kJson ? emulator::LogSink::Form(emulator::json_message) : nullptr;
}

// Null for Lambda's log.
std::unique_ptr<emulator::RequestLog> request_log(LogForm form, emulator::LogSink& sink,
                                                  const emulator::FunctionConfig& config) {
  if (form == LogForm::kLambda) return nullptr;
  auto format = form == LogForm::kJson ? emulator::json_format()
                                       : emulator::text_format(config.task_root, wants_colours());
  return std::make_unique<emulator::RequestLog>(sink, std::move(format), config.timeout);
}

std::string ready_line(std::uint16_t port, const emulator::Summary& summary) {
  const std::string address = "http://127.0.0.1:" + std::to_string(port);
  return "ready: " + address + "/ (strategy=" + summary.strategy + ", init " +
         std::to_string(std::lround(summary.cold_start_ms)) + " ms; watch it at " + address +
         emulator::StatusPage::kPath + ")";
}

ExitCode fail(const base::Error& error, ExitCode code) {
  base::log_error(error.text);
  return code;
}

std::vector<std::string> payload_names() {
  std::vector<std::string> names;
  for (const emulator::Payload& payload : emulator::payloads()) names.emplace_back(payload.name);
  return names;
}

// Why `name` is no host name; empty if it is one. CLI11 appends it to the option's name.
std::string refuse_host(const std::string& name) {
  const std::optional<emulator::Authority> parsed = emulator::parse_authority(name);
  if (parsed && !parsed->port && !name.ends_with(':')) return {};
  return "expected the name or address of a host, without a port, got '" + name + "'";
}

std::string reload_line(const std::string& file, std::size_t others) {
  std::string line = "reload: " + file;
  if (others > 0) line += " and " + std::to_string(others) + " more";
  return line + " changed";
}

// Watches the source of the application: a change starts fresh processes and is logged. Calls come
// on the watch's own thread; `lambda` and `log` outlive the watch.
std::unique_ptr<emulator::SourceWatch> reload_on_change(emulator::LocalLambda& lambda,
                                                        emulator::LogSink& log) {
  emulator::SourceWatch::Options options;
  options.root = lambda.config().task_root;
  return std::make_unique<emulator::SourceWatch>(
      std::move(options),
      emulator::SourceWatch::Hooks{[&lambda, &log](const std::string& file, std::size_t others) {
                                     lambda.renew();  // before the line that announces it
                                     log.append(reload_line(file, others));
                                   },
                                   [&log](const std::string& line) { log.append(line); }});
}

// nullopt where no static files are served.
base::Result<std::optional<emulator::DocumentRoot>> document_root(
    const ServeOptions& options, const emulator::FunctionConfig& config) {
  if (!options.assets) return std::optional<emulator::DocumentRoot>();
  return find_document_root(options.document_root, config);
}

base::Status listen(emulator::Gateway& gateway, std::uint16_t port) {
  base::Status listening = gateway.start(port);
  if (listening.ok() || listening.error().kind != base::ErrorKind::kRefused) return listening;
  return base::Error{base::ErrorKind::kInvalid, listening.error().text + "; --port names another"};
}

}  // namespace

void ServeOptions::add_to(CLI::App& command) {
  function.concurrency = 10;
  function.idle_timeout_s = 300;
  function.add_to(command);
  function.add_environments_to(command);
  function.add_snapshots_to(command);
  function.add_faults_to(command);
  function.add_extensions_to(command);
  command.add_option("--port", port, "Port on 127.0.0.1, 0 for any free one")
      ->capture_default_str();
  command
      .add_option_function<std::string>(
          "--payload", [this](const std::string& name) { payload = emulator::find_payload(name); },
          "Form of the events that the function gets")
      ->default_str(std::string(payload->name))
      ->check(CLI::IsMember(payload_names()));
  command
      .add_option("--retry-delay", retry_delay_s,
                  "Seconds before the first retry of a failed asynchronous event; the second waits "
                  "twice that")
      ->capture_default_str()
      ->check(CLI::Range(0U, kLongestRetryDelayS));
  command
      .add_option_function<std::vector<std::string>>(
          "--allow-host",
          [this](const std::vector<std::string>& names) {
            for (const std::string& name : names) hosts.push_back(base::lower_case(name));
          },
          "Another name under which requests for /_phork and the Invoke API may name this machine; "
          "may be given several times")
      ->type_name("NAME")
      ->take_all()
      ->check(refuse_host);
  CLI::Option* const root =
      command
          .add_option("--assets", document_root,
                      "Folder in DIR whose static files are served, as a CDN does on Lambda; by "
                      "default public, else the folder of the handler")
          ->type_name("FOLDER");
  command.add_flag("!--no-assets", assets, "Leave requests for static files to the function")
      ->excludes(root);
  command
      .add_option_function<std::string>(
          "--log", [this](const std::string& name) { log = kLogForms.at(name); },
          "Form of the log: a line for each request, Lambda's own lines, or requests as JSON")
      ->default_str("requests")
      ->check(CLI::IsMember(kLogForms));
  command.add_flag("--reload,!--no-reload", reload,
                   "Start fresh processes when a source file in DIR changes; on by default");
  command.add_option("--summary", summary_file,
                     "Write the measurements to this file as JSON at the end");
}

ExitCode serve(const ServeOptions& options) {
  base::Result<emulator::FunctionConfig> config = options.function.resolve();
  if (!config) return fail(config.error(), exit_code(config.error().kind));
  const auto root = document_root(options, config.value());
  if (!root) return fail(root.error(), exit_code(root.error().kind));
  StopSignals signals;
  emulator::LogSink log(STDOUT_FILENO, message_form(options.log));
  const auto requests = request_log(options.log, log, config.value());
  emulator::LocalLambda lambda(std::move(config).value(), log, options.function.strategy_label(),
                               requests.get());
  emulator::InvokeApi invoke_api(lambda,
                                 {.retry_delay = std::chrono::seconds(options.retry_delay_s)});
  emulator::StatusPage page(lambda.config(), lambda.activity());
  std::optional<emulator::Assets> assets;
  if (root.value())
    assets.emplace(*root.value(), [&log](const std::string& line) { log.append(line); });
  emulator::Gateway gateway(lambda, *options.payload, {&invoke_api, &page},
                            emulator::SiteGuard(options.hosts), assets ? &*assets : nullptr);
  // Listen before the runtime starts, so that a port in use costs no boot. Requests that arrive
  // early wait.
  if (const base::Status listening = listen(gateway, options.port); !listening) {
    return fail(listening.error(), exit_code(listening.error().kind));
  }
  const std::unique_ptr<emulator::SourceWatch> watch =
      options.reload ? reload_on_change(lambda, log) : nullptr;
  signals.on_stop([&lambda] { lambda.request_stop(); });
  const base::Status started = lambda.start();
  if (started.ok()) {
    log.append(ready_line(gateway.port(), lambda.summary()));
    signals.wait();
  }
  signals.on_stop({});
  lambda.request_stop();
  gateway.stop();
  invoke_api.stop();
  lambda.stop();
  if (requests) requests->close();
  log.flush();
  if (!started && started.error().kind != base::ErrorKind::kStopped) {
    return fail(started.error(), exit_code(started.error().kind));
  }
  const emulator::Summary summary = lambda.summary();
  log.append("\n" + summary.to_table());
  const base::Status written =
      write_output_file("summary", options.summary_file, summary.to_json() + '\n');
  return written ? kOk : fail(written.error(), kSystemFailed);
}

}  // namespace phork::cli
