// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

#include "tools/manual/command.h"
#include "tools/manual/completion.h"
#include "tools/manual/man_page.h"

using namespace phork::manual;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A tree with an option of each kind, and what it refers to.
struct Tool {
  CLI::App app{"A tool"};
  std::string file;
  std::string mode = "slow";
  unsigned count = 3;
  bool loud = false;

  Tool() {
    CLI::App& run = *app.add_subcommand("run", "Run it");
    run.add_option("DIR", file, "Where");
    run.add_option("-c,--count", count, "How often")
        ->capture_default_str()
        ->check(CLI::Range(1U, 9U));
    run.add_option("--mode", mode, "How [it] runs:\n.fast is \\quick")
        ->check(CLI::IsMember({"slow", "fast"}));
    run.add_flag("--loud,!--no-loud", loud, "It's loud");
    run.footer("One\nparagraph.\n\nAnother.");
  }
};

Command tool() {
  const Tool tool;
  return read_command(tool.app, "tool");
}

}  // namespace

TEST_SUITE("manual") {
  TEST_CASE("a command is read with its arguments, options, values and notes") {
    const Command run = tool().commands.at(0);
    CHECK(run.word() == "run");
    CHECK(run.page() == "tool-run");
    CHECK(run.notes == "One\nparagraph.\n\nAnother.");
    REQUIRE(run.arguments.size() == 1);
    CHECK(run.arguments[0].names[0] == "DIR");
    REQUIRE(run.options.size() == 4);  // with --help
    CHECK(run.options[1].names == std::vector<std::string>{"-c", "--count"});
    CHECK(run.options[1].range == "1 - 9");
    CHECK(run.options[1].initial == "3");
    CHECK_FALSE(run.options[1].takes_text());
    CHECK(run.options[2].choices == std::vector<std::string>{"slow", "fast"});
    CHECK(run.options[3].names == std::vector<std::string>{"--loud", "--no-loud"});
    CHECK(run.options[3].value.empty());
  }

  TEST_CASE("a page has the options, and text that troff would take for a request") {
    const std::string page = man_page(tool().commands.at(0),
                                      {"tool-run", "1", "tool 1", {{"FILES", "None."}}, {"a(1)"}});
    CHECK(page.starts_with(".TH TOOL\\-RUN 1 \"\" \"tool 1\"\n.SH NAME\ntool\\-run \\- Run it\n"));
    CHECK(contains(page,
                   ".TP\n\\fB\\-c\\fR, \\fB\\-\\-count\\fR \\fIUINT\\fR\nHow often\n"
                   "(1 \\- 9; default 3)\n"));
    CHECK(contains(page, "How [it] runs:\n.br\n\\&.fast is \\equick\n(one of slow, fast)\n"));
    CHECK(contains(page, "One\nparagraph.\n.PP\nAnother.\n"));
    CHECK_FALSE(contains(page, ".SH COMMANDS"));
    CHECK(page.ends_with(".SH FILES\nNone.\n.SH SEE ALSO\n.BR a (1)\n"));
  }

  TEST_CASE("bash offers values where an option takes one of a few, and files for text") {
    const std::string script = bash_completion(tool());
    CHECK(contains(script, "'run --mode') COMPREPLY=($(compgen -W 'slow fast' -- \"$cur\"));"));
    CHECK(contains(script, "'run -c' | 'run --count') :; return ;;"));
    CHECK(contains(script, "run) options='-h --help -c --count --mode --loud --no-loud' ;;"));
    CHECK(contains(script, "complete -F _tool tool\n"));
  }

  TEST_CASE("zsh gets each option with its text, quoted") {
    const std::string script = zsh_completion(tool());
    CHECK(contains(script, "'--mode=[How \\[it\\] runs\\:]:TEXT:(slow fast)'"));
    CHECK(contains(script, "'--no-loud[It'\\''s loud]'"));
    CHECK(contains(script, "'run:Run it'"));
  }
}
