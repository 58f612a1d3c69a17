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

Status check_parts(const fs::path& layer) {
  const auto names = names_in_zip(layer);
  if (!names) return names.error();
  for (const std::string part :
       {"bootstrap", "phork/bootstrap", "phork/php-worker", "phork/php/"}) {
    const auto found = names->lower_bound(part);
    const bool is_folder = part.ends_with('/');
    const bool is_there =
        found != names->end() && (is_folder ? found->starts_with(part) : *found == part);
    if (is_there) continue;
    return misfit(layer, "expected a layer of phork, found no " + part +
                             " in it: make one by `phork package --layer`");
  }
  return base::ok_status();
}

Status check_layer(const fs::path& layer, const LayerUse& use) {
  if (auto whole = check_parts(layer); !whole) return whole;
  Scratch scratch;
  const auto folder = scratch.make_folder();
  if (!folder) return folder.error();
  const fs::path worker = folder.value() / "php-worker";
  const auto found = unpack_file(layer, "phork/php-worker", worker);
  if (!found) return found.error();
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
