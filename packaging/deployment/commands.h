// SPDX-License-Identifier: MIT
//
// The commands that bring a package to AWS, as a person types them in a shell. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

// An image in Amazon ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG.
struct ImageName {
  std::string registry;
  std::string region;
  std::string repository;
  std::string tag;

  std::string uri() const { return registry + "/" + repository + ":" + tag; }
};

// kInvalid says which form was expected.
base::Result<ImageName> parse_image_name(const std::string& uri);

struct Deployment {
  std::string folder;       // with template.yaml and the packages
  std::string application;  // the folder that is packaged
  std::string stack;
  std::string region;  // "" leaves it to the configuration of aws
  // Zips: where `aws` uploads them; "" has `sam` upload them into a bucket that it makes.
  std::string bucket;
  bool from_image = false;
  // Of a deployment from an image:
  ImageName image;
  std::string base_image;  // phork's own
  std::string handler;
  std::string platform;  // as docker names it: linux/amd64
  std::string assets;    // folder of files that a site's bucket serves; "" for none
  std::vector<std::pair<std::string, std::string>> parameters;  // of the stack: name, value
};

struct Plan {
  std::vector<std::string> programs;  // that the commands need
  std::vector<std::string> commands;  // lines for sh, in order
};

Plan plan_of(const Deployment& deployment);

// `text` as one word of a shell, in quotes where it needs them.
std::string shell_word(std::string_view text);

}  // namespace phork::packaging
