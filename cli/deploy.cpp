// SPDX-License-Identifier: MIT
#include "cli/deploy.h"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/deploy_preparation.h"
#include "cli/terminal.h"
#include "packaging/archive/entry.h"
#include "packaging/archive/require_program.h"
#include "packaging/deployment/build_context.h"
#include "packaging/deployment/commands.h"
#include "packaging/deployment/output_folder.h"
#include "runtime/base/log.h"
#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using packaging::OutputFolder;

constexpr int kEndedBySignal = 130;
constexpr std::chrono::seconds kCredentialsTimeout{60};

// Runs a program with our terminal; its stdout is `output`.
Result<process::ExitStatus> run(const std::string& program, std::vector<std::string> arguments,
                                int output) {
  process::SpawnOptions spawn;
  spawn.program = program;
  spawn.arguments = std::move(arguments);
  spawn.environment = process::current_environment();
  spawn.descriptors = {
      {STDIN_FILENO, STDIN_FILENO}, {output, STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}};
  const auto started = process::Process::spawn(spawn);
  if (!started) return started.error();
  return *started.value()->wait();
}

// `phork package`, whose sizes are not part of our output. Its error has no text, as it has printed
// its own.
Status run_package(const fs::path& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"phork", "package"});
  const auto ended = run(program.string(), std::move(arguments), STDERR_FILENO);
  if (!ended) return ended.error();
  if (ended->clean()) return base::ok_status();
  return Error{ended->code == kUsedWrongly ? ErrorKind::kInvalid : ErrorKind::kSystem, ""};
}

Status write_packages(const Preparation& prepared, const fs::path& folder) {
  const auto copy = [&folder](const fs::path& from, const char* name) -> Status {
    const std::error_code error = packaging::copy_file(from, folder / name);
    if (error) return base::system_error("cli: copy '" + from.string() + "'", error.value());
    return base::ok_status();
  };
  if (prepared.deployment.from_image) {
    Status copied = copy(prepared.templates / "Dockerfile", "Dockerfile");
    if (!copied) return copied;
    const char* name = "Dockerfile.dockerignore";
    const auto usual = packaging::read_file(prepared.templates / name, "cli: read");
    if (!usual) return usual.error();
    return write_output_file("ignore file", (folder / name).string(),
                             packaging::ignore_file(usual.value(), prepared.deployment.application,
                                                    prepared.deployment.folder));
  }
  const std::string layer = (folder / "layer.zip").string();
  std::vector<std::string> arguments = prepared.layer_arguments;
  arguments.insert(arguments.end(), {"--layer", "--out", layer});
  Status packed = prepared.layer.empty() ? run_package(prepared.program, std::move(arguments))
                                         : copy(prepared.layer, "layer.zip");
  if (!packed) return packed;
  arguments = prepared.package_arguments;
  arguments.insert(arguments.end(),
                   {"--layer", layer, "--out", (folder / "function.zip").string()});
  return run_package(prepared.program, std::move(arguments));
}

Status write_all(const Preparation& prepared, OutputFolder& output) {
  if (Status begun = output.begin(); !begun) return begun;
  Status written =
      write_output_file("template", (output.temporary() / "template.yaml").string(), prepared.text);
  if (written) written = write_packages(prepared, output.temporary());
  return written ? output.finish() : written;
}

Status check_credentials(const std::string& aws, const std::string& region) {
  process::SpawnOptions spawn;
  spawn.program = aws;
  spawn.arguments = {"aws", "sts", "get-caller-identity", "--output", "text"};
  if (!region.empty()) spawn.arguments.insert(spawn.arguments.end(), {"--region", region});
  spawn.environment = process::current_environment();
  const auto output =
      process::run_to_end(spawn, kCredentialsTimeout, process::ErrorStream::kWithOutput);
  if (!output) return output.error();
  if (output->succeeded()) return base::ok_status();
  const std::string_view said = base::trim(output->text);
  const std::string last(said.substr(said.rfind('\n') + 1));
  return Error{ErrorKind::kRefused,
               "cli: deploy: find credentials: aws sts get-caller-identity: " +
                   (last.empty() ? output->describe_end() : last) +
                   "; run `aws configure` or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
                   "nothing was uploaded"};
}

Status run_commands(const packaging::Plan& plan, const std::string& region) {
  std::string aws;
  for (const std::string& program : plan.programs) {
    Result<std::string> found =
        packaging::require_program({program}, program == "aws" ? "awscli" : "");
    if (!found) {
      return invalid("find program", program,
                     program == "sam"
                         ? "expected it in PATH: install AWS SAM CLI, or name a bucket with "
                           "--bucket, and aws uploads"
                         : "expected it in PATH");
    }
    if (program == "aws") aws = std::move(found).value();
  }
  if (Status known = check_credentials(aws, region); !known) return known;
  for (const std::string& command : plan.commands) {
    const auto ended = run("/bin/sh", {"sh", "-c", command}, STDOUT_FILENO);
    if (!ended) return ended.error();
    if (!ended->clean()) {
      return Error{ErrorKind::kRefused, "cli: deploy: run '" + command + "': " + ended->describe() +
                                            "; the commands behind it did not run"};
    }
  }
  return base::ok_status();
}

ExitCode fail(const Error& error) {
  if (!error.text.empty()) base::log_error(error.text);
  return exit_code(error.kind);
}

}  // namespace

void DeployOptions::add_to(CLI::App& command) {
  command.add_option("DIR", directory, "Directory of the application")->capture_default_str();
  command.add_option("--handler", handler,
                     "PHP file in DIR, or name.function; found as `phork serve` does");
  command.add_option("--template", template_name,
                     "console, function, http, image, queue, site or strategies, or a file.yaml "
                     "that was filled in before; by default http, or image with --image");
  CLI::Option* zip_flag = command.add_flag("--zip", zip, "A zip and a layer; the default");
  command.add_flag("--image", image, "A container image")->excludes(zip_flag);
  command
      .add_option("--set", variables,
                  "NAME=VALUE: a variable of the template, such as MemorySize=512; repeatable")
      ->allow_extra_args(false);
  command
      .add_option("--env", environment,
                  "NAME=VALUE: for the build of a zip, as in phork package; repeatable")
      ->allow_extra_args(false);
  command.add_option("--stack", stack, "Name of the stack; by default that of DIR");
  command.add_option("--region", region, "Region; by default that of aws's configuration");
  command.add_option("--bucket", bucket,
                     "Bucket for zips, which aws uploads; without it sam makes one");
  CLI::Option* layer_file =
      command.add_option("--layer", layer, "The layer's zip; by default one is made");
  command.add_option("--with", with, "More extensions for that layer, as in phork package --layer")
      ->allow_extra_args(false)
      ->excludes(layer_file);
  command.add_option("--without", without, "Extensions that it leaves out")
      ->allow_extra_args(false)
      ->excludes(layer_file);
  command.add_flag("--no-compile", skips_compilation, "A zip without compiled code");
  command.add_option("--base", base_image, "Image with phork that the application's is built on")
      ->capture_default_str();
  command.add_option("--out", output, "Folder to write")->capture_default_str();
  command.add_flag("--yes", yes, "Run the commands, too");
}

ExitCode deploy(const DeployOptions& given) {
  StopSignals signals;
  DeployOptions options = given;
  while (options.output.size() > 1 && options.output.ends_with('/')) options.output.pop_back();
  const Result<Preparation> prepared = prepare(options);
  if (!prepared) return fail(prepared.error());
  OutputFolder output(options.output, {"template.yaml", "packaged.yaml", "function.zip",
                                       "layer.zip", "Dockerfile", "Dockerfile.dockerignore"});
  signals.on_stop([&output] {
    output.remove();
    ::_exit(kEndedBySignal);
  });
  if (const Status written = write_all(prepared.value(), output); !written) {
    return fail(written.error());
  }
  const packaging::Plan plan = packaging::plan_of(prepared->deployment);
  for (const std::string& command : plan.commands) std::cout << command << '\n';
  std::cout << std::flush;
  if (!options.yes) {
    std::cerr << "deploy: wrote " << options.output
              << "; the commands above deploy it, and --yes runs them\n";
    return kOk;
  }
  const Status done = run_commands(plan, prepared->deployment.region);
  return done ? kOk : fail(done.error());
}

}  // namespace phork::cli
