// SPDX-License-Identifier: MIT
#include "packaging/layer/patchelf.h"

#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/archive/require_program.h"
#include "packaging/layer/compiled_paths.h"
#include "runtime/process/spawn.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::chrono::seconds kTimeout{60};

Result<std::string> patch(const std::string& content, std::vector<std::string> arguments,
                          const fs::path& folder) {
  auto program = require_program({"patchelf"}, "patchelf");
  if (!program) return program.error();
  const std::string file = (folder / "patched").string();
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  process::SpawnOptions options;
  options.program = std::move(program).value();
  options.arguments = {"patchelf"};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  options.arguments.push_back(file);
  options.environment = process::current_environment();
  const auto output =
      process::run_to_end(std::move(options), kTimeout, process::ErrorStream::kWithOutput);
  if (!output) return output.error();
  if (!output->succeeded()) {
    return Error{ErrorKind::kSystem, "packaging: run patchelf: " + output->describe_end() + ": " +
                                         output->text.substr(0, output->text.find('\n'))};
  }
  auto patched = read_file(file, "packaging: read");
  std::error_code ignored;
  fs::remove(file, ignored);
  return patched;
}

}  // namespace

Result<std::string> set_loader(const std::string& content, const Architecture& architecture,
                               const fs::path& folder) {
  const std::string loader = std::string(kLayerFolder) + "/lib/" + std::string(architecture.loader);
  return patch(content,
               {"--set-interpreter", loader, "--force-rpath", "--set-rpath", "$ORIGIN/lib"},
               folder);
}

Result<std::string> remove_search_path(const std::string& content, const fs::path& folder) {
  return patch(content, {"--remove-rpath"}, folder);
}

}  // namespace phork::packaging
