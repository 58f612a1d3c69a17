// SPDX-License-Identifier: MIT
#include "cli/deploy_preparation.h"

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

#include "cli/function_options.h"
#include "packaging/deployment/build_context.h"
#include "packaging/deployment/template.h"
#include "packaging/layer/layer_check.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/handler_path.h"
#include "runtime/lambda/project_file.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Status;
using packaging::Deployment;
using packaging::Template;

constexpr std::size_t kLongestStack = 128;
constexpr const char* kConsole = "console";  // the template of it

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

Status set_variables(const DeployOptions& options, const std::string& handler,
                     const lambda::Project& project, Template& filled) {
  const auto set_own = [&filled](const char* name, const std::string& value) {
    return filled.find(name) && !value.empty() ? filled.set(name, value) : base::ok_status();
  };
  const std::pair<const char*, std::string> taken_over[] = {
      {"Strategy", base::variable("PHORK_STRATEGY")},
      {"Warmup", base::variable("PHORK_WARMUP")},
      {"MemorySize", project.memory_mb ? std::to_string(*project.memory_mb) : ""}};
  for (const auto& [name, value] : taken_over) {
    if (Status set = set_own(name, value); !set) return set;
  }
  const std::string own_architecture(packaging::own_architecture());
  if (Status set = set_own("Architecture", own_architecture); !set) return set;
  if (Status set = set_own("Handler", handler); !set) return set;
  for (const std::string& variable : options.variables) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid("set variable", variable, "expected NAME=VALUE");
    }
    if (variable.starts_with("Handler=")) {
      return invalid("set variable", variable, "expected --handler, by which the file is packaged");
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
  if (options.skips_compilation) arguments.emplace_back("--no-compile");
  return arguments;
}

bool needs_fpm(const Template& filled) {
  const packaging::Variable* strategy = filled.find("Strategy");
  return strategy && strategy->value == "fpm";
}

std::vector<std::string> layer_arguments(const DeployOptions& options, const Template& filled) {
  std::vector<std::string> arguments;
  if (needs_fpm(filled)) arguments = {"--with", "fpm"};
  for (const std::string& name : options.with) {
    arguments.insert(arguments.end(), {"--with", name});
  }
  for (const std::string& name : options.without) {
    arguments.insert(arguments.end(), {"--without", name});
  }
  return arguments;
}

// A layer is made with the programs of this machine.
Status check_layer(const DeployOptions& options, const Template& filled) {
  if (filled.wants_image()) return base::ok_status();
  const std::string_view own = packaging::own_architecture();
  const packaging::Variable* variable = filled.find("Architecture");
  const std::string_view wanted = variable ? std::string_view(variable->value) : own;
  if (options.layer.empty()) {
    if (wanted == own) return base::ok_status();
    return invalid("make layer for architecture", std::string(wanted),
                   "this machine makes layers for " + std::string(own) +
                       ": make one on a machine of that architecture, and give it with --layer");
  }
  std::error_code ignored;
  if (fs::is_regular_file(options.layer, ignored)) {
    return packaging::check_layer(options.layer, {wanted, needs_fpm(filled)});
  }
  return invalid("find layer", options.layer, "no such file; without --layer one is made");
}

}  // namespace

Result<Preparation> prepare(const DeployOptions& options) {
  Result<std::string> directory = find_directory(options.directory);
  if (!directory) return directory.error();
  const Result<lambda::Project> project = lambda::adopt_project(directory.value());
  if (!project) return project.error();
  Result<std::string> handler = options.template_name == kConsole
                                    ? find_console(options.handler, directory.value())
                                    : find_handler(options.handler, directory.value());
  if (!handler) return handler.error();
  const auto entry = lambda::resolve_handler(handler.value(), directory.value());
  if (!entry && !lambda::has_container(options.environment)) return entry.error();
  const Result<std::string> program = own_program();
  if (!program) return program.error();
  const fs::path self(program.value());
  const fs::path templates = self.parent_path() / "deploy";
  Result<Template> filled = choose_template(options, templates);
  if (!filled) return filled.error();
  if (Status set = set_variables(options, handler.value(), project.value(), filled.value()); !set) {
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
  for (const packaging::Variable& variable : filled->variables()) {
    deployment.parameters.emplace_back(variable.name, variable.value);
  }
  if (filled->wants_image()) {
    Status described = describe_image(options, filled.value(), deployment);
    if (!described) return described.error();
  }
  if (Status described = describe_assets(filled.value(), deployment); !described) {
    return described.error();
  }
  if (Status fits = check_layer(options, filled.value()); !fits) return fits.error();
  std::vector<std::string> arguments = package_arguments(options, handler.value(), filled.value());
  return Preparation{self,
                     std::move(text).value(),
                     std::move(deployment),
                     templates,
                     options.layer,
                     layer_arguments(options, filled.value()),
                     std::move(arguments)};
}

}  // namespace phork::cli
