// SPDX-License-Identifier: MIT
//
// A command with its options, as its manual pages and completions need it. Read from CLI11's tree,
// which the program itself parses with, so that neither can say anything else than `--help`.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::manual {

struct Option {
  std::vector<std::string> names;    // "-h", "--help"; of an argument its one name, "DIR"
  std::string value;                 // "UINT", "FILE"; empty for a flag
  std::vector<std::string> choices;  // the values that it may have; empty: others
  std::vector<std::string> usual;    // the values that completion offers
  std::string range;                 // "1 - 900", or empty
  std::string initial;               // its default, as in --help
  std::string text;
  bool repeats = false;

  // True when the value is no number, so that it may be the name of a file.
  bool takes_text() const;
};

struct Command {
  std::string name;  // with the commands above it: "phork serve"
  std::string summary;
  std::string notes;  // the end of its help: paragraphs, or empty
  std::vector<Option> arguments;
  std::vector<Option> options;
  std::vector<Command> commands;

  // Its last word: "serve".
  std::string word() const;
  // The name of its page: "phork-serve".
  std::string page() const;
};

// `name`: how people call it, "phork".
Command read_command(const CLI::App& app, const std::string& name);

}  // namespace phork::manual
