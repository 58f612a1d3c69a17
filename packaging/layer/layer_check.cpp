// SPDX-License-Identifier: MIT
#include "packaging/layer/layer_check.h"

#include <string>

#include "packaging/archive/scratch.h"
#include "packaging/archive/zip.h"
#include "packaging/layer/elf_file.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Status;

Error misfit(const fs::path& layer, const std::string& reason) {
  return {ErrorKind::kInvalid, "packaging: use layer '" + layer.string() + "': " + reason};
}

}  // namespace

Status check_layer(const fs::path& layer, const LayerUse& use) {
  Scratch scratch;
  const auto folder = scratch.make_folder();
  if (!folder) return folder.error();
  const fs::path worker = folder.value() / "php-worker";
  const auto found = unpack_file(layer, "phork/php-worker", worker);
  if (!found) return found.error();
  if (!found.value()) return misfit(layer, "expected a layer of phork, with phork/php-worker");
  const auto architecture = architecture_of(worker);
  if (!architecture) return architecture.error();
  const std::string_view name = architecture->name == "amd64" ? "x86_64" : architecture->name;
  if (name != use.architecture) {
    return misfit(layer, "it is for " + std::string(name) + ", and the function for " +
                             std::string(use.architecture) +
                             ": give the layer of that architecture, or --set Architecture=" +
                             std::string(name));
  }
  if (!use.needs_fpm) return base::ok_status();
  const auto fpm = unpack_file(layer, "phork/php-fpm", folder.value() / "php-fpm");
  if (!fpm) return fpm.error();
  if (fpm.value()) return base::ok_status();
  return misfit(layer,
                "it has no php-fpm, which strategy fpm needs: make one by `phork package --layer "
                "--with fpm`");
}

std::string_view own_architecture() {
#ifdef __aarch64__
  return "arm64";
#else
  return "x86_64";
#endif
}

}  // namespace phork::packaging
