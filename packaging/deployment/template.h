// SPDX-License-Identifier: MIT
//
// A template of deploy/sam, whose variables are the parameters of CloudFormation in it. Filling one
// in gives its parameter a default, so that the result is a template like any other: it can be kept
// with the application, and deployed by any tool.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

struct Variable {
  std::string name;
  std::string type;
  std::string description;
  std::string value;  // as it stands in the file
  bool has_value = false;
  std::vector<std::string> allowed;  // empty: any
  std::string pattern;               // of the whole value; empty: any
  unsigned least = 0;                // of a number
  unsigned most = std::numeric_limits<unsigned>::max();
  std::size_t first_line = 0;  // of its type, below which a value is inserted
  std::size_t value_line = 0;  // when it has one
};

class Template {
 public:
  // Reads `name`.yaml of `folder`, or the file `name` when that ends in .yaml: one that was filled
  // in before, and changed since. kInvalid names the templates in `folder` when this one is not
  // there.
  static base::Result<Template> read(const std::filesystem::path& folder, const std::string& name);

  const std::string& name() const { return name_; }

  // For a container image, and not for zips.
  bool wants_image() const { return wants_image_; }

  // It has a bucket for static files, which the application keeps in the folder `assets`.
  bool wants_assets() const { return wants_assets_; }

  const std::vector<Variable>& variables() const { return variables_; }

  const Variable* find(const std::string& name) const;

  // kInvalid when there is no such variable, or when the value is none of those that are allowed.
  base::Status set(const std::string& name, const std::string& value);
  // The template with all values. kInvalid names the first variable that has none.
  base::Result<std::string> fill() const;

 private:
  static base::Result<Template> read_file(const std::filesystem::path& path,
                                          const std::string& name);
  Template(std::string name, const std::string& text);
  void read_parameters();
  void read_attribute(std::size_t line, Variable& variable) const;

  std::string name_;
  std::vector<std::string> lines_;
  std::vector<Variable> variables_;
  bool wants_image_ = false;
  bool wants_assets_ = false;
};

// The names of the templates in `folder`, sorted.
std::vector<std::string> template_names(const std::filesystem::path& folder);

}  // namespace phork::packaging
