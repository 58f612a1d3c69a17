// SPDX-License-Identifier: MIT
#include "tools/manual/completion.h"

#include <string_view>

namespace phork::manual {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

// Of all options in `options`, as words of one string.
std::string option_names(const std::vector<Option>& options) {
  std::vector<std::string> names;
  for (const Option& option : options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return joined(names, " ");
}

// The command that bash runs after an option, to complete its value. A number has no completion.
std::string bash_action(const Option& option) {
  if (!option.usual.empty()) {
    return "COMPREPLY=($(compgen -W '" + joined(option.usual, " ") + "' -- \"$cur\"))";
  }
  return option.takes_text() ? "_filedir" : ":";
}

// The cases of `$command $option` after which a value follows.
std::string bash_values(const Command& command) {
  std::string text;
  for (const Option& option : command.options) {
    if (option.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) {
      patterns.push_back("'" + command.word() + " " + name + "'");
    }
    text += "    " + joined(patterns, " | ") + ") " + bash_action(option) + "; return ;;\n";
  }
  return text;
}

// Text in a specification of zsh's _arguments, within single quotes.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char character : text.substr(0, text.find('\n'))) {
    if (character == '\'') {
      out += "'\\''";
    } else if (std::string_view("[]:\\`$").find(character) != std::string_view::npos) {
      out += '\\';
      out += character;
    } else {
      out += character;
    }
  }
  return out;
}

std::string zsh_action(const Option& option) {
  if (!option.usual.empty()) return "(" + joined(option.usual, " ") + ")";
  return option.takes_text() ? "_files" : "";
}

std::string zsh_options(const Command& command) {
  std::string text;
  for (const Option& option : command.options) {
    for (const std::string& name : option.names) {
      text += " \\\n        '";
      text += option.repeats ? "*" : "";
      text += name + (option.value.empty() || !name.starts_with("--") ? "" : "=") + "[" +
              zsh_text(option.text) + "]";
      if (!option.value.empty()) text += ":" + option.value + ":" + zsh_action(option);
      text += "'";
    }
  }
  for (const Option& argument : command.arguments) {
    text += " \\\n        '::" + argument.names[0] + ":_files'";
  }
  return text;
}

}  // namespace

std::string bash_completion(const Command& command) {
  std::string words;
  std::string values;
  std::string options;
  for (const Command& below : command.commands) {
    words += (words.empty() ? "" : " ") + below.word();
    values += bash_values(below);
    options += "    " + below.word() + ") options='" + option_names(below.options) + "' ;;\n";
  }
  const std::string function = "_" + command.name;
  return "# bash completion for " + command.name + ", made of its --help\n" + function +
         "() {\n"
         "  local cur prev words cword split command= options word\n"
         "  _init_completion -s || return\n"
         "  for word in \"${words[@]:1:cword-1}\"; do\n"
         "    case $word in\n"
         "      -*) ;;\n"
         "      *) command=$word && break ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$command $prev\" in\n" +
         values +
         "  esac\n"
         "  ! $split || return\n"
         "  case $command in\n"
         "    '') options='" +
         words + " " + option_names(command.options) + "' ;;\n" + options +
         "  esac\n"
         "  if [[ $cur == -* || -z $command ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "  else\n"
         "    _filedir\n"
         "  fi\n"
         "} &&\n"
         "  complete -F " +
         function + " " + command.name + "\n";
}

std::string zsh_completion(const Command& command) {
  std::string described;
  std::string cases;
  for (const Command& below : command.commands) {
    described += "        '" + below.word() + ":" + zsh_text(below.summary) + "'\n";
    cases += "    " + below.word() + ")\n      _arguments" + zsh_options(below) + "\n      ;;\n";
  }
  return "#compdef " + command.name +
         "\n# Made of its --help.\nlocal line state\nlocal -a commands"
         "\n_arguments -C" +
         zsh_options(command) +
         " \\\n        '1:command:->command' \\\n        '*::argument:->argument'\n"
         "case $state in\n  command)\n    commands=(\n" +
         described +
         "    )\n    _describe command commands\n    ;;\n"
         "  argument)\n    case $line[1] in\n" +
         cases + "    esac\n    ;;\nesac\n";
}

}  // namespace phork::manual
