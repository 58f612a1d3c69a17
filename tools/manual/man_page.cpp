// SPDX-License-Identifier: MIT
#include "tools/manual/man_page.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace phork::manual {
namespace {

// As text of troff: a backslash and a minus mean themselves.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (character == '\\') {
      out += "\\e";
    } else if (character == '-') {
      out += "\\-";
    } else {
      out += character;
    }
  }
  return out;
}

// A line of text that troff takes for no request.
std::string line(std::string_view text) {
  const bool request = text.starts_with('.') || text.starts_with('\'');
  return (request ? "\\&" : "") + escaped(text) + "\n";
}

std::string bold(std::string_view text) {
  return "\\fB" + escaped(text) + "\\fR";
}

std::string italic(std::string_view text) {
  return "\\fI" + escaped(text) + "\\fR";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// The lines of an option's text are items of a list, those of notes are wrapped paragraphs.
std::string item_text(const std::string& text) {
  std::string out;
  for (const std::string& each : lines_of(text)) out += (out.empty() ? "" : ".br\n") + line(each);
  return out;
}

std::string paragraphs(const std::string& text) {
  std::string out;
  for (const std::string& each : lines_of(text)) {
    out += each.empty() ? ".PP\n" : line(each);
  }
  return out;
}

std::string limits(const Option& option) {
  std::string text;
  for (const std::string& choice : option.choices) text += (text.empty() ? "" : ", ") + choice;
  if (!text.empty()) text.insert(0, "one of ");
  if (!option.range.empty()) text = option.range;
  if (!option.initial.empty()) text += (text.empty() ? "" : "; ") + ("default " + option.initial);
  return text.empty() ? "" : line("(" + text + ")");
}

std::string entry(const Option& option, bool argument) {
  std::string head;
  for (const std::string& name : option.names) {
    head += (head.empty() ? "" : ", ") + (argument ? italic(name) : bold(name));
  }
  if (!argument && !option.value.empty()) head += " " + italic(option.value);
  return ".TP\n" + head + (option.repeats ? " ...\n" : "\n") + item_text(option.text) +
         limits(option);
}

std::string section(const std::string& title, const std::string& body) {
  return body.empty() ? "" : ".SH " + title + "\n" + body;
}

std::string synopsis(const Command& command) {
  std::string text = bold(command.name) + " [" + italic("OPTIONS") + "]";
  for (const Option& argument : command.arguments) text += " [" + italic(argument.names[0]) + "]";
  if (!command.commands.empty()) text += " " + italic("COMMAND") + " ...";
  return text + "\n";
}

std::string commands(const Command& command) {
  std::string text;
  for (const Command& below : command.commands) {
    text +=
        ".TP\n" + bold(below.word()) + "\n" + line(below.summary + "; see " + below.page() + "(1)");
  }
  return text;
}

// ".BR phork\-serve (1)," on a line for each.
std::string see_also(const std::vector<std::string>& pages) {
  std::string text;
  for (const std::string& page : pages) {
    const std::size_t at = page.find('(');
    text += ".BR " + escaped(page.substr(0, at)) + " " + page.substr(at);
    text += &page == &pages.back() ? "\n" : ",\n";
  }
  return text;
}

std::string upper(std::string text) {
  for (char& character : text) {
    character = static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
  }
  return text;
}

}  // namespace

std::string man_page(const Command& command, const PageFrame& frame) {
  std::string arguments;
  for (const Option& argument : command.arguments) arguments += entry(argument, true);
  std::string options;
  for (const Option& option : command.options) options += entry(option, false);
  std::string more;
  for (const Section& each : frame.sections) more += section(each.title, paragraphs(each.text));
  return ".TH " + escaped(upper(frame.name)) + " " + frame.section + " \"\" \"" + frame.release +
         "\"\n" + section("NAME", escaped(frame.name) + " \\- " + escaped(command.summary) + "\n") +
         section("SYNOPSIS", synopsis(command)) +
         section("DESCRIPTION", paragraphs(command.notes)) + section("ARGUMENTS", arguments) +
         section("OPTIONS", options) + section("COMMANDS", commands(command)) + more +
         section("SEE ALSO", see_also(frame.see_also));
}

}  // namespace phork::manual
