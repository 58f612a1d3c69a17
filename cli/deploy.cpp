// SPDX-License-Identifier: MIT
#include "cli/deploy.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/function_options.h"
#include "cli/terminal.h"
#include "packaging/archive/entry.h"
#include "packaging/archive/require_program.h"
#include "packaging/deployment/build_context.h"
#include "packaging/deployment/commands.h"
#include "packaging/deployment/output_folder.h"
#include "packaging/deployment/template.h"
#include "runtime/base/log.h"
#include "runtime/base/text.h"
#include "runtime/lambda/handler_path.h"
#include "runtime/process/spawn.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using packaging::Deployment;
using packaging::OutputFolder;
using packaging::Template;

constexpr int kEndedBySignal = 130;
constexpr std::size_t kLongestStack = 128;
constexpr std::chrono::seconds kCredentialsTimeout{60};

#ifdef __aarch64__
constexpr const char* kOwnArchitecture = "arm64";
#else
constexpr const char* kOwnArchitecture = "x86_64";
#endif

// All that a command needs to know before it writes anything.
struct Preparation {
  std::string text;  // of the template
  Deployment deployment;
  fs::path templates;  // the folder of the templates
  std::string layer;   // a zip to use; empty: make one
  std::vector<std::string> layer_arguments;
  std::vector<std::string> package_arguments;
};

Result<fs::path> own_program() {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return base::system_error("cli: find own program", error.value());
  return self;
}

// The names of stacks:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
Result<std::string> choose_stack(const std::string& given, const std::string& directory) {
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; };
  std::string name = given.empty() ? fs::path(directory).filename().string() : given;
  if (given.empty()) {
    std::ranges::replace_if(
        name, [&fits](char c) { return !fits(c); }, '-');
  }
  if (name.empty() || name.size() > kLongestStack || !is_letter(name.front()) ||
      !std::ranges::all_of(name, fits)) {
    return invalid("name stack", name,
                   "expected a letter, then letters, digits and '-', 128 at most: give one with "
                   "--stack");
  }
  return name;
}

Status set_variables(const DeployOptions& options, const std::string& handler, Template& filled) {
  const auto set_own = [&filled](const char* name, const std::string& value) {
    return filled.find(name) ? filled.set(name, value) : base::ok_status();
  };
  if (Status set = set_own("Architecture", kOwnArchitecture); !set) return set;
  if (Status set = set_own("Handler", handler); !set) return set;
  for (const std::string& variable : options.variables) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid("set variable", variable, "expected NAME=VALUE");
    }
    Status set = filled.set(variable.substr(0, equals), variable.substr(equals + 1));
    if (!set) return set;
  }
  return base::ok_status();
}

Result<Template> choose_template(const DeployOptions& options, const fs::path& folder) {
  const std::string usual = options.image ? "image" : "http";
  Result<Template> chosen =
      Template::read(folder, options.template_name.empty() ? usual : options.template_name);
  if (!chosen) return chosen;
  if (chosen->wants_image() ? options.zip : options.image) {
    return invalid("use template", chosen->name(),
                   chosen->wants_image() ? "it is for an image, and --zip was given"
                                         : "it is for a zip, and --image was given");
  }
  return chosen;
}

Status describe_image(const DeployOptions& options, const Template& filled,
                      Deployment& deployment) {
  auto image = packaging::parse_image_name(filled.find("ImageUri")->value);
  if (!image) return image.error();
  deployment.from_image = true;
  deployment.image = std::move(image).value();
  deployment.base_image = options.base_image;
  deployment.handler = filled.find("Handler")->value;
  deployment.platform =
      filled.find("Architecture")->value == "arm64" ? "linux/arm64" : "linux/amd64";
  if (deployment.region.empty()) deployment.region = deployment.image.region;
  if (deployment.region != deployment.image.region) {
    return invalid(
        "use image", deployment.image.uri(),
        "Lambda takes images of its own region alone, and --region names " + deployment.region);
  }
  return base::ok_status();
}

Status describe_assets(const Template& filled, Deployment& deployment) {
  if (!filled.wants_assets()) return base::ok_status();
  const fs::path assets = fs::path(deployment.application) / "assets";
  std::error_code ignored;
  if (!fs::is_directory(assets, ignored)) {
    return invalid("find assets", assets.string(),
                   "template " + filled.name() + " needs this folder of static files");
  }
  deployment.assets = assets.string();
  return base::ok_status();
}

// The package is compiled as the function will rehearse.
std::vector<std::string> package_arguments(const DeployOptions& options, const std::string& handler,
                                           const Template& filled) {
  std::vector<std::string> arguments{options.directory, "--handler", handler};
  // The folder that we write may lie in the application, under its temporary name, too.
  if (std::string own = packaging::pattern_inside(options.directory, options.output);
      !own.empty()) {
    arguments.insert(arguments.end(), {"--exclude", own, "--exclude", own + ".*"});
  }
  const packaging::Variable* warmup = filled.find("Warmup");
  if (warmup && !warmup->value.empty()) {
    arguments.insert(arguments.end(), {"--env", "PHORK_WARMUP=" + warmup->value});
  }
  for (const std::string& variable : options.environment) {
    arguments.insert(arguments.end(), {"--env", variable});
  }
  return arguments;
}

std::vector<std::string> layer_arguments(const DeployOptions& options, const Template& filled) {
  std::vector<std::string> arguments;
  const packaging::Variable* strategy = filled.find("Strategy");
  if (strategy && strategy->value == "fpm") arguments = {"--with", "fpm"};
  for (const std::string& name : options.with) {
    arguments.insert(arguments.end(), {"--with", name});
  }
  for (const std::string& name : options.without) {
    arguments.insert(arguments.end(), {"--without", name});
  }
  return arguments;
}

Result<Preparation> prepare(const DeployOptions& options) {
  Result<std::string> directory = find_directory(options.directory);
  if (!directory) return directory.error();
  Result<std::string> handler = find_handler(options.handler, directory.value());
  if (!handler) return handler.error();
  const auto entry = lambda::resolve_handler(handler.value(), directory.value());
  if (!entry && !lambda::has_container(options.environment)) return entry.error();
  Result<fs::path> self = own_program();
  if (!self) return self.error();
  const fs::path templates = self->parent_path() / "deploy";
  Result<Template> filled = choose_template(options, templates);
  if (!filled) return filled.error();
  if (Status set = set_variables(options, handler.value(), filled.value()); !set) {
    return set.error();
  }
  Result<std::string> text = filled->fill();
  if (!text) return text.error();
  Result<std::string> stack = choose_stack(options.stack, directory.value());
  if (!stack) return stack.error();
  Deployment deployment;
  deployment.folder = options.output;
  deployment.application = options.directory;  // as given: a pipeline deploys in another folder
  deployment.stack = std::move(stack).value();
  deployment.region = options.region;
  deployment.bucket = options.bucket;
  if (filled->wants_image()) {
    Status described = describe_image(options, filled.value(), deployment);
    if (!described) return described.error();
  }
  if (Status described = describe_assets(filled.value(), deployment); !described) {
    return described.error();
  }
  std::error_code ignored;
  if (!options.layer.empty() && !fs::is_regular_file(options.layer, ignored)) {
    return invalid("find layer", options.layer, "no such file; without --layer one is made");
  }
  std::vector<std::string> arguments = package_arguments(options, handler.value(), filled.value());
  return Preparation{std::move(text).value(),
                     std::move(deployment),
                     templates,
                     options.layer,
                     layer_arguments(options, filled.value()),
                     std::move(arguments)};
}

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
Status run_package(std::vector<std::string> arguments) {
  Result<fs::path> self = own_program();
  if (!self) return self.error();
  arguments.insert(arguments.begin(), {"phork", "package"});
  const auto ended = run(self->string(), std::move(arguments), STDERR_FILENO);
  if (!ended) return ended.error();
  if (ended->clean()) return base::ok_status();
  return Error{ended->code == kUsedWrongly ? ErrorKind::kInvalid : ErrorKind::kSystem, ""};
}

Status write_packages(const Preparation& prepared, const fs::path& folder) {
  const auto copy = [&folder](const fs::path& from, const char* name) -> Status {
    std::error_code error;
    fs::copy_file(from, folder / name, error);
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
  Status packed = prepared.layer.empty() ? run_package(std::move(arguments))
                                         : copy(prepared.layer, "layer.zip");
  if (!packed) return packed;
  arguments = prepared.package_arguments;
  arguments.insert(arguments.end(),
                   {"--layer", layer, "--out", (folder / "function.zip").string()});
  return run_package(std::move(arguments));
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
