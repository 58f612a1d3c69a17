// SPDX-License-Identifier: MIT
#include "cli/package.h"

#include <filesystem>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/function_options.h"
#include "cli/terminal.h"
#include "packaging/archive/scratch.h"
#include "packaging/archive/size_report.h"
#include "packaging/archive/zip.h"
#include "packaging/function/function.h"
#include "packaging/function/limits.h"
#include "packaging/layer/layer.h"
#include "runtime/base/log.h"
#include "runtime/process/spawn.h"

namespace phork::cli {
namespace {

using base::Error;
using base::Result;

constexpr int kEndedBySignal = 130;

constexpr const char* kHelp =
    "phork package --layer --out layer.zip   PHP and phork for provided.al2023\n"
    "phork package DIR --out function.zip    an application, with compiled code\n\n"
    "Variables PHORK_... of the environment count for the application as they do on Lambda.\n\n"
    "Exit code: 0 when the zip is written, 100 when the command was used wrongly or the input has "
    "a\nfault, 111 when the system failed.";

// Writes the zip and the manifest, and prints the sizes. Returns the size of the zip.
Result<std::uint64_t> write_all(const PackageOptions& options, packaging::Scratch& scratch,
                                const packaging::Facts& facts, const std::string& prefix,
                                const std::vector<packaging::Entry>& entries) {
  auto packed = packaging::write_zip(scratch, options.output, entries);
  if (!packed) return packed;
  if (!options.manifest_file.empty()) {
    const auto written =
        scratch.write_output(options.manifest_file, packaging::manifest(facts, prefix, entries));
    if (!written) return written.error();
  }
  const auto sizes = packaging::sizes_by_component(entries);
  std::cout << (options.json ? packaging::size_json(facts, sizes, packed.value())
                             : packaging::size_table(sizes, packed.value()))
            << std::flush;
  return packed;
}

base::Status write_layer(const PackageOptions& options, packaging::Scratch& scratch) {
  auto programs = options.programs.empty() ? own_folder() : Result(options.programs);
  if (!programs) return programs.error();
  packaging::LayerOptions wanted;
  wanted.programs = std::move(programs).value();
  wanted.root = options.root;
  wanted.architecture = options.architecture;
  wanted.extensions = {options.with, options.without};
  const auto layer = packaging::make_layer(wanted, scratch);
  if (!layer) return layer.error();
  const auto packed = write_all(options, scratch, layer->facts, "/opt/", layer->entries);
  if (!packed) return packed.error();
  return base::ok_status();
}

// The settings of phork, and what the person sets for the function.
Result<std::vector<std::string>> function_environment(const PackageOptions& options) {
  std::vector<std::string> environment;
  for (std::string& variable : process::current_environment()) {
    if (variable.starts_with("PHORK_")) environment.push_back(std::move(variable));
  }
  for (const std::string& variable : options.environment) {
    const std::size_t equals = variable.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return invalid("read --env", variable, "expected NAME=VALUE");
    }
    process::set_variable(environment, variable.substr(0, equals), variable.substr(equals + 1));
  }
  return environment;
}

base::Status write_function(const PackageOptions& options, packaging::Scratch& scratch) {
  if (options.directory.empty()) {
    return invalid("package", options.layer_file, "expected the folder of an application");
  }
  FunctionOptions function;
  function.directory = options.directory;
  function.handler = options.handler;
  const auto config = function.resolve();
  if (!config) return config.error();
  auto environment = function_environment(options);
  if (!environment) return environment.error();
  auto programs = options.programs.empty() ? own_folder() : Result(options.programs);
  if (!programs) return programs.error();
  packaging::FunctionOptions wanted;
  wanted.directory = config->task_root;
  wanted.handler = config->handler;
  wanted.layer = options.layer_file;
  wanted.programs = std::move(programs).value();
  wanted.selection.include = options.include;
  wanted.selection.exclude = options.exclude;
  wanted.selection.outputs = {options.output, options.manifest_file};
  wanted.environment = std::move(environment).value();
  wanted.prepares = !options.skips_preparation;
  wanted.compiles = !options.skips_compilation;
  const auto made = packaging::make_function(wanted, scratch);
  if (!made) return made.error();
  const auto packed = write_all(options, scratch, made->facts, "/var/task/", made->entries);
  if (!packed) return packed.error();
  if (packed.value() > packaging::kMostPackedUploaded) {
    base::log_warn("package: more than 50 MB zipped: Lambda takes it from S3 only");
  }
  return base::ok_status();
}

void add_function_options(CLI::App& command, PackageOptions& options) {
  const auto add_list = [&command](const char* name, std::vector<std::string>& values,
                                   const char* help) {
    command.add_option(name, values, help)->allow_extra_args(false);
  };
  command.add_option("DIR", options.directory, "Folder of the application to package");
  command.add_option("--handler", options.handler,
                     "The function's handler; by default as in phork serve");
  add_list("--include", options.include, "Files to package although they are usually left out");
  add_list("--exclude", options.exclude,
           "More files to leave out: a name, or a path from DIR, with * and ?; repeatable");
  add_list("--env", options.environment,
           "NAME=VALUE, for composer, the framework's console and php-worker; repeatable");
  command.add_flag("--no-prepare", options.skips_preparation,
                   "Neither run composer nor warm caches: package the folder as it is");
  command.add_flag("--no-compile", options.skips_compilation, "Package no compiled code");
}

void add_layer_options(CLI::App& command, PackageOptions& options) {
  const auto add_words = [&command](const char* name, std::vector<std::string>& values,
                                    const char* help) {
    command.add_option(name, values, help)->delimiter(',')->allow_extra_args(false);
  };
  add_words("--with", options.with, "Layer: more extensions, or fpm, with commas between them");
  add_words("--without", options.without, "Layer: extensions to leave out");
  command.add_option("--root", options.root, "Layer: folder of the Debian that PHP is taken from")
      ->capture_default_str();
  command.add_option("--arch", options.architecture,
                     "Layer: amd64 or arm64; by default that of the programs");
}

// The outputs become the files that are replaced.
base::Status find_outputs(PackageOptions& options) {
  for (std::string* const name : {&options.output, &options.manifest_file}) {
    if (name->empty()) continue;
    const auto file = packaging::find_output(*name);
    if (!file) return file.error();
    std::error_code ignored;
    *name = std::filesystem::weakly_canonical(std::filesystem::absolute(file.value()), ignored)
                .string();
  }
  std::error_code ignored;
  const bool is_layer = !options.layer_file.empty() &&
                        std::filesystem::equivalent(options.output, options.layer_file, ignored);
  if (is_layer || options.output == options.manifest_file) {
    return invalid("write", options.output,
                   is_layer ? "expected another file than that of --layer"
                            : "expected two files for --out and --manifest");
  }
  return base::ok_status();
}

}  // namespace

void PackageOptions::add_to(CLI::App& command) {
  add_function_options(command, *this);
  CLI::Option* const option = command.add_option(
      "--layer", layer_file,
      "Without a value: make a layer. With the zip of one: compile with its PHP");
  option->expected(0, 1);
  command.callback([this, option] { layer = option->count() > 0 && layer_file.empty(); });
  add_layer_options(command, *this);
  command.add_option("--programs", programs, "Folder of phork's programs; by default ours");
  command.add_option("--out", output, "The zip to write")->required();
  command.add_option("--manifest", manifest_file, "Write a list of all files as JSON");
  command.add_flag("--json", json, "Print the sizes as JSON");
  command.footer(kHelp);
}

ExitCode package(const PackageOptions& given) {
  StopSignals signals;
  packaging::Scratch scratch;
  signals.on_stop([&scratch] {
    scratch.remove_all();
    ::_exit(kEndedBySignal);
  });
  PackageOptions options = given;
  const bool is_layer = options.layer && options.directory.empty();
  base::Status done = find_outputs(options);
  if (done) done = is_layer ? write_layer(options, scratch) : write_function(options, scratch);
  signals.on_stop({});
  return done ? kOk : refuse(done.error());
}

}  // namespace phork::cli
