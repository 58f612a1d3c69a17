// SPDX-License-Identifier: MIT
#include "packaging/deployment/commands.h"

#include <algorithm>
#include <regex>

namespace phork::packaging {
namespace {

using base::Error;
using base::ErrorKind;

std::string in_region(const std::string& region) {
  return region.empty() ? "" : " --region " + shell_word(region);
}

// One of the stack's outputs, where only an existing stack knows it.
std::string output_of_stack(const Deployment& deployment, const std::string& name) {
  return "$(aws cloudformation describe-stacks --stack-name " + shell_word(deployment.stack) +
         in_region(deployment.region) + " --query \"Stacks[0].Outputs[?OutputKey=='" + name +
         "'].OutputValue\" --output text)";
}

// All of them: for an existing stack a default counts for nothing, because the tools ask to keep
// the value that the stack has. `sam` takes a value apart at its blanks, unless that is in quotes.
std::string parameters_of(const Deployment& deployment, bool for_sam) {
  std::string words;
  for (const auto& [name, value] : deployment.parameters) {
    std::string quoted;
    for (const char c : value)
      quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    words += " " + shell_word(name + "=" + (for_sam ? "\"" + quoted + "\"" : value));
  }
  return words.empty() ? "" : " --parameter-overrides" + words;
}

void add_image_commands(const Deployment& deployment, Plan& plan) {
  const ImageName& image = deployment.image;
  const std::string repository = " " + shell_word(image.repository);
  const std::string region = in_region(image.region);
  plan.programs.emplace_back("docker");
  // Lambda takes no list of manifests, which BuildKit makes when it adds a provenance.
  plan.commands.push_back(
      "docker build --platform " + deployment.platform + " --provenance=false --build-arg PHORK=" +
      shell_word(deployment.base_image) + " --build-arg HANDLER=" + shell_word(deployment.handler) +
      " --tag " + shell_word(image.uri()) + " --file " +
      shell_word(deployment.folder + "/Dockerfile") + " " + shell_word(deployment.application));
  plan.commands.push_back("aws ecr describe-repositories --repository-names" + repository + region +
                          " >/dev/null 2>&1 || aws ecr create-repository --repository-name" +
                          repository + region);
  plan.commands.push_back("aws ecr get-login-password" + region +
                          " | docker login --username AWS --password-stdin " + image.registry);
  plan.commands.push_back("docker push " + shell_word(image.uri()));
}

void add_stack_command(const Deployment& deployment, Plan& plan) {
  const std::string region = in_region(deployment.region);
  const std::string stack = " --stack-name " + shell_word(deployment.stack);
  const std::string rights = " --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset";
  std::string file = shell_word(deployment.folder + "/template.yaml");
  if (!deployment.from_image && deployment.bucket.empty()) {
    plan.programs.emplace_back("sam");
    plan.commands.push_back("sam deploy --template-file " + file + stack + region +
                            " --resolve-s3" + parameters_of(deployment, true) + rights);
    return;
  }
  if (!deployment.from_image) {
    const std::string packaged = shell_word(deployment.folder + "/packaged.yaml");
    plan.commands.push_back("aws cloudformation package --template-file " + file + " --s3-bucket " +
                            shell_word(deployment.bucket) + " --output-template-file " + packaged +
                            region);
    file = packaged;
  }
  plan.commands.push_back("aws cloudformation deploy --template-file " + file + stack + region +
                          parameters_of(deployment, false) + rights);
}

}  // namespace

base::Result<ImageName> parse_image_name(const std::string& uri) {
  static const std::regex form(R"((\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)/)"
                               R"(([a-z0-9][a-z0-9._/-]*):([\w.-]+))");
  std::smatch match;
  if (!std::regex_match(uri, match, form)) {
    return Error{ErrorKind::kInvalid,
                 "deploy: set variable 'ImageUri': expected "
                 "ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG with an account of 12 digits, "
                 "got '" +
                     uri + "'"};
  }
  return ImageName{match[1], match[2], match[3], match[4]};
}

Plan plan_of(const Deployment& deployment) {
  Plan plan{.programs = {"aws"}, .commands = {}};
  if (deployment.from_image) add_image_commands(deployment, plan);
  add_stack_command(deployment, plan);
  if (!deployment.assets.empty()) {
    plan.commands.push_back("aws s3 sync " + shell_word(deployment.assets) + " \"s3://" +
                            output_of_stack(deployment, "AssetsBucket") + "/assets\"" +
                            in_region(deployment.region) + " --cache-control max-age=3600");
  }
  plan.commands.push_back("aws cloudformation describe-stacks --stack-name " +
                          shell_word(deployment.stack) + in_region(deployment.region) +
                          " --query 'Stacks[0].Outputs' --output table");
  return plan;
}

std::string shell_word(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? R"('\'')" : std::string(1, c);
  return word + "'";
}

}  // namespace phork::packaging
