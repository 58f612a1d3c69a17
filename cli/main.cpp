// SPDX-License-Identifier: MIT
//
// The program `phork`: parses the arguments and runs one command.
#include <algorithm>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/options.h"
#include "runtime/base/log.h"
#include "runtime/base/nearest.h"

namespace phork::cli {
namespace {

// Writes as log() does without a sink, but the lines of a record stay lines: at a terminal a
// CR goes back to the begin of the line.
class TerminalLog final : public base::LogSink {
 public:
  void write(const base::LogRecord& record) override {
    if (record.level < base::LogLevel::kInfo) return;
    std::string text("phork ");
    text.append(base::log_level_name(record.level)).append(": ");
    text.append(base::without_line_end(record.text));
    std::ranges::replace(text, '\r', '\n');
    std::cerr << text + '\n';  // at once: threads log, too
  }
};

// CLI11 reports only that a subcommand is required, and not which word it did not know.
void report_missing_command(const CLI::App& app, const char* word) {
  std::vector<std::string> names;
  std::string text = "cli: find command: expected one of";
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    text += " " + names.back();
  }
  text += word == nullptr ? ", got none" : ", got '" + std::string(word) + "'";
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view meant = word == nullptr ? "" : base::nearest(word, known);
  if (!meant.empty()) text.append(": did you mean ").append(meant).append("?");
  base::log_error(text);
}

// "phork help COMMAND" is "phork COMMAND --help".
std::vector<char*> with_help_as_option(std::span<char*> arguments) {
  static std::string option = "--help";
  std::vector<char*> words(arguments.begin(), arguments.end());
  if (words.size() > 1 && std::string_view(words[1]) == "help") {
    words.erase(words.begin() + 1);
    words.push_back(option.data());
  }
  return words;
}

int run(int argc, char** argv) {
  TerminalLog log;
  const base::InstalledLogSink installed(log);
  CLI::App app;
  Options options;
  options.add_to(app);
  char** const end = argv + argc;
  const bool takes_command = argc > 1 && std::string_view(argv[1]) == "console";
  // CLI11 would take the first word behind it for DIR.
  char** const mark = takes_command ? std::find(argv, end, std::string_view("--")) : end;
  try {
    app.parse(static_cast<int>(mark - argv), argv);
  } catch (const CLI::ParseError& error) {
    if (app.get_subcommands().empty() && error.get_name() == "RequiredError") {
      report_missing_command(app, argc > 1 ? argv[1] : nullptr);
      return kUsedWrongly;
    }
    // CLI11 throws for --help and --version, too, with exit code 0.
    return app.exit(error) == 0 ? kOk : kUsedWrongly;
  }
  if (app.got_subcommand("audit")) return audit(options.audit);
  if (app.got_subcommand("bench")) return bench(options.bench);
  if (app.got_subcommand("console")) {
    std::vector<std::string>& words = options.console.arguments;
    if (mark != end) words.insert(words.end(), mark + 1, end);
    return console(options.console);
  }
  if (app.got_subcommand("deploy")) return deploy(options.deploy);
  if (app.got_subcommand("event")) return event(options.event);
  if (app.got_subcommand("init")) return init(options.init);
  if (app.got_subcommand("package")) return package(options.package);
  return app.got_subcommand("serve") ? serve(options.serve) : invoke(options.invoke);
}

}  // namespace
}  // namespace phork::cli

int main(int argc, char** argv) {
  try {
    std::vector<char*> words =
        phork::cli::with_help_as_option({argv, static_cast<std::size_t>(argc)});
    return phork::cli::run(static_cast<int>(words.size()), words.data());
  } catch (const std::exception& error) {
    phork::base::log_error(error.what());
    return phork::cli::kSystemFailed;
  }
}
