// SPDX-License-Identifier: MIT
#include "tools/manual/command.h"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>

namespace phork::manual {
namespace {

// CLI11 describes a value as "TYPE", "TYPE:{a,b}" or "TYPE:OTHER in [1 - 9]".
void read_type(std::string_view type, Option& option) {
  const std::size_t colon = type.find(':');
  option.value = type.substr(0, colon);
  if (colon == std::string_view::npos) return;
  std::string_view rule = type.substr(colon + 1);
  const std::size_t range = rule.find(" in [");
  if (range != std::string_view::npos && rule.ends_with(']')) {
    option.range = rule.substr(range + 5, rule.size() - range - 6);
  } else if (rule.starts_with('{') && rule.ends_with('}')) {
    option.choices = CLI::detail::split(std::string(rule.substr(1, rule.size() - 2)), ',');
    option.usual = option.choices;
  }
}

Option read_option(const CLI::Option& given) {
  Option option;
  option.text = given.get_description();
  if (given.get_type_size() == 0) return option;  // a flag
  read_type(given.get_type_name(), option);
  option.initial = given.get_default_str();
  option.repeats = given.get_expected_max() >= CLI::detail::expected_max_vector_size;
  return option;
}

std::vector<std::string> names_of(const CLI::Option& given) {
  std::vector<std::string> names;
  for (const std::string& name : given.get_snames()) names.push_back("-" + name);
  for (const std::string& name : given.get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace

bool Option::takes_text() const {
  return value == "TEXT" || value == "FILE" || value == "DIR";
}

std::string Command::word() const {
  return name.substr(name.rfind(' ') + 1);
}

std::string Command::page() const {
  std::string page = name;
  std::replace(page.begin(), page.end(), ' ', '-');
  return page;
}

Command read_command(const CLI::App& app, const std::string& name) {
  Command command{name, app.get_description(), app.get_footer(), {}, {}, {}};
  for (const CLI::Option* given : app.get_options()) {
    Option option = read_option(*given);
    if (given->get_positional()) {
      option.names = {given->get_name(true)};
      command.arguments.push_back(option);
    }
    option.names = names_of(*given);
    if (!option.names.empty()) command.options.push_back(std::move(option));
  }
  for (const CLI::App* below : app.get_subcommands({})) {
    command.commands.push_back(read_command(*below, name + " " + below->get_name()));
  }
  return command;
}

}  // namespace phork::manual
