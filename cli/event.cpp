// SPDX-License-Identifier: MIT
#include "cli/event.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "cli/sample.h"

namespace phork::cli {
namespace {

base::Result<std::string> make_text(const EventOptions& options) {
  if (!options.kind.empty()) {
    base::Result<std::string> sample = read_sample(options.kind);
    return sample ? change_event(sample.value(), options.changes) : sample;
  }
  const auto names = sample_names();
  if (!names) return names.error();
  std::string text;
  for (const std::string& name : names.value()) text.append(text.empty() ? "" : "\n").append(name);
  return text;
}

}  // namespace

void EventOptions::add_to(CLI::App& command) {
  command.add_option("KIND", kind, "Name of the sample, such as sqs; without it all names");
  command
      .add_option("--set", changes,
                  "Change a field of the sample, such as Records.0.body=text; may be repeated")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->needs("KIND");
}

ExitCode event(const EventOptions& options) {
  const base::Result<std::string> text = make_text(options);
  if (!text) return refuse(text.error());
  std::cout << text.value() << '\n' << std::flush;
  return kOk;
}

}  // namespace phork::cli
