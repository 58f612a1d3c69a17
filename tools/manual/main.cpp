// SPDX-License-Identifier: MIT
//
// Writes the manual pages of phork and its completions; the build runs it:
//   phork-manual FOLDER COMMAND...
// FOLDER gets phork.1, phork-COMMAND.1 for each, phork-bootstrap.8, and the completions `phork`
// (bash) and `_phork` (zsh). The commands are those that the build installs pages of; it is an
// error when the program has others.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "cli/options.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "strategies/registry.h"
#include "supervisor/flags.h"
#include "tools/manual/command.h"
#include "tools/manual/completion.h"
#include "tools/manual/man_page.h"

namespace {

using namespace phork;
using manual::Command;

const std::string kRelease = "phork " PHORK_VERSION;
const std::string kBootstrapPage = "phork-bootstrap";

const std::vector<manual::Section> kOfPhork = {
    {"EXIT STATUS",
     "0: done.\n\n1: the function did not boot, or answered with an error; audit: state leaked.\n\n"
     "100: used or configured wrongly; the message says what was expected.\n\n"
     "111: the system failed."}};

const std::vector<manual::Section> kOfBootstrap = {
    {"ENVIRONMENT",
     "The variables of AWS Lambda's contract for runtimes, and the settings PHORK_..., which "
     "settings.md in the folder of the documentation explains. A flag wins over its variable."},
    {"FILES",
     "bootstrap, php-worker and the folder php lie side by side, beside the program phork; the "
     "folder may be moved. In Debian's package it is /usr/lib/phork, and the documentation is in "
     "/usr/share/doc/phork."},
    {"EXIT STATUS",
     "0: asked to stop, and stopped.\n\n1: the application did not boot; the log has the "
     "reason.\n\n"
     "100: used or configured wrongly.\n\n111: the system failed."}};

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("manual: write '" + file.string() + "': it failed");
}

// Every page names all others.
std::vector<std::string> references(const std::vector<Command>& commands, const std::string& own) {
  std::vector<std::string> pages = {"phork(1)"};
  for (const Command& command : commands) pages.push_back(command.page() + "(1)");
  pages.push_back(kBootstrapPage + "(8)");
  std::erase(pages, own);
  return pages;
}

// The build has to know the files that this program writes before it runs.
void check_commands(const Command& phork, std::span<char* const> expected) {
  for (const Command& command : phork.commands) {
    if (std::find(expected.begin(), expected.end(), command.word()) == expected.end()) {
      throw std::runtime_error("manual: find the page of 'phork " + command.word() +
                               "': add the command to tools/manual/meson.build");
    }
  }
}

// A strategy is text for CLI11, since the runtime decides which there are.
void offer_strategies(Command& phork) {
  for (Command& command : phork.commands) {
    for (manual::Option& option : command.options) {
      if (option.names != std::vector<std::string>{"--strategy"}) continue;
      for (const strategies::StrategyEntry& entry : strategies::all_strategies()) {
        option.usual.emplace_back(entry.name);
      }
    }
  }
}

void write_all(const std::filesystem::path& folder, std::span<char* const> expected) {
  CLI::App app;
  cli::Options options;
  options.add_to(app);
  Command phork = manual::read_command(app, "phork");
  offer_strategies(phork);
  check_commands(phork, expected);
  write(folder / "phork.1", manual::man_page(phork, {"phork", "1", kRelease, kOfPhork,
                                                     references(phork.commands, "phork(1)")}));
  for (const Command& command : phork.commands) {
    write(folder / (command.page() + ".1"),
          manual::man_page(command, {command.page(),
                                     "1",
                                     kRelease,
                                     {},
                                     references(phork.commands, command.page() + "(1)")}));
  }
  CLI::App bootstrap;
  supervisor::Flags flags;
  flags.add_to(bootstrap);
  write(folder / (kBootstrapPage + ".8"),
        manual::man_page(manual::read_command(bootstrap, "bootstrap"),
                         {kBootstrapPage, "8", kRelease, kOfBootstrap,
                          references(phork.commands, kBootstrapPage + "(8)")}));
  write(folder / "phork", manual::bash_completion(phork));
  write(folder / "_phork", manual::zsh_completion(phork));
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::span<char* const> words(arguments, static_cast<std::size_t>(argument_count));
  if (words.size() < 2) {
    base::log_error("manual: expected FOLDER COMMAND...");
    return base::kUsedWrongly;
  }
  try {
    write_all(words[1], words.subspan(2));
  } catch (const std::exception& error) {
    base::log_error(error.what());
    return base::kFailed;
  }
  return base::kOk;
}
