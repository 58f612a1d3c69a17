// SPDX-License-Identifier: MIT
#include "cli/package.h"

#include <filesystem>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/terminal.h"
#include "packaging/archive/scratch.h"
#include "packaging/archive/size_report.h"
#include "packaging/archive/zip.h"
#include "packaging/layer/layer.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

using base::Error;
using base::Result;

constexpr int kEndedBySignal = 130;

Result<std::string> own_folder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return base::system_error("cli: find own folder", error.value());
  return self.parent_path().string();
}

base::Status write_layer(const PackageOptions& options, packaging::Scratch& scratch) {
  packaging::LayerOptions wanted;
  auto programs = options.programs.empty() ? own_folder() : Result(options.programs);
  if (!programs) return programs.error();
  wanted.programs = std::move(programs).value();
  wanted.root = options.root;
  wanted.architecture = options.architecture;
  wanted.extensions = {options.with, options.without};
  const auto layer = packaging::make_layer(wanted, scratch);
  if (!layer) return layer.error();
  const auto packed = packaging::write_zip(scratch, options.output, layer->entries);
  if (!packed) return packed.error();
  if (!options.manifest_file.empty()) {
    const auto written = scratch.write_output(
        options.manifest_file, packaging::manifest(layer->facts, "/opt/", layer->entries));
    if (!written) return written;
  }
  const auto sizes = packaging::sizes_by_component(layer->entries);
  std::cout << (options.json ? packaging::size_json(layer->facts, sizes, packed.value())
                             : packaging::size_table(sizes, packed.value()))
            << std::flush;
  return base::ok_status();
}

}  // namespace

void PackageOptions::add_to(CLI::App& command) {
  command.add_option("DIR", directory, "Folder of the application to package");
  command.add_flag("--layer", layer, "Package phork itself, with PHP, as a layer");
  command.add_option("--out", output, "The zip to write")->required();
  command.add_option("--manifest", manifest_file, "Write a list of all files as JSON");
  command.add_flag("--json", json, "Print sizes as JSON");
  command.add_option("--with", with, "Layer: extensions beside the default, or fpm, with commas")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--without", without, "Layer: extensions to leave out, with commas")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--root", root, "Layer: folder of the Debian system to take PHP from");
  command.add_option("--programs", programs, "Layer: folder of phork's programs; by default ours");
  command.add_option("--arch", architecture, "Layer: amd64 or arm64; by default the programs'");
}

ExitCode package(const PackageOptions& options) {
  StopSignals signals;
  packaging::Scratch scratch;
  signals.on_stop([&scratch] {
    scratch.remove_all();
    ::_exit(kEndedBySignal);
  });
  const base::Status done = write_layer(options, scratch);
  signals.on_stop({});
  if (done) return kOk;
  base::log_error(done.error().text);
  return exit_code(done.error().kind);
}

}  // namespace phork::cli
