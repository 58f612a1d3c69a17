// SPDX-License-Identifier: MIT
#include "tests/integration/packaging/layers.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "packaging/archive/zip.h"
#include "runtime/base/settings.h"
#include "tests/support/scratch_folder.h"

namespace phork::testing {
namespace {

namespace fs = std::filesystem;

// Groups of the default layer that a machine may lack, and a module of each.
constexpr std::array<std::pair<const char*, const char*>, 6> kGroups{{{"bcmath", "bcmath"},
                                                                      {"curl", "curl"},
                                                                      {"mysql", "mysqli"},
                                                                      {"soap", "soap"},
                                                                      {"sqlite3", "sqlite3"},
                                                                      {"zip", "zip"}}};

bool is_installed(const std::string& module) {
  std::error_code error;
  auto at = fs::directory_iterator("/usr/lib/php", error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (fs::exists(at->path() / (module + ".so"))) return true;
  }
  return false;
}

// For a user without rights.
void let_all_read(const std::string& folder) {
  constexpr auto kEnter = fs::perms::group_exec | fs::perms::others_exec;
  constexpr auto kRead = fs::perms::group_read | fs::perms::others_read;
  fs::permissions(folder, kEnter | kRead, fs::perm_options::add);
}

// Runs a program of PATH to its end, which may take minutes on a busy machine.
Finished run(std::vector<std::string> words, const std::map<std::string, std::string>& more) {
  constexpr std::chrono::minutes kTimeout{8};
  process::SpawnOptions options;
  options.program = "/usr/bin/env";
  words.insert(words.begin(), "env");
  options.arguments = std::move(words);
  options.environment = {"PATH=" + base::variable("PATH") + ":/usr/sbin:/sbin"};
  for (const auto& [name, value] : more) {
    process::set_variable(options.environment, name, value);
  }
  const auto output =
      process::run_to_end(std::move(options), kTimeout, process::ErrorStream::kWithOutput);
  REQUIRE(output.ok());
  REQUIRE_MESSAGE(output->status.has_value(), output->text);
  return {*output->status, output->text};
}

}  // namespace

std::vector<std::string> layer_system() {
  const std::string root = base::variable("PHORK_LAYER_ROOT");
  if (!root.empty()) return {"--root", root};
  std::string missing;
  for (const auto& [group, module] : kGroups) {
    if (!is_installed(module)) missing += (missing.empty() ? "" : ",") + std::string(group);
  }
  if (missing.empty()) return {};
  return {"--without", missing};
}

Finished package(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {program("phork"), "package"});
  return run(std::move(arguments), {});
}

void unpack(const std::string& zip, const std::string& folder) {
  fs::create_directories(folder);
  const auto unpacked = packaging::unpack_zip(zip, folder);
  REQUIRE_MESSAGE(unpacked.ok(), (unpacked ? "" : unpacked.error().text));
}

const MadeLayer& made_layer() {
  static const ScratchFolder folder;
  static const MadeLayer layer = [] {
    let_all_read(folder.path());
    MadeLayer made{folder.file("layer.zip"), folder.file("layer.json"), folder.file("opt")};
    std::vector<std::string> arguments{"--layer", "--with",     "fpm",        "--out",
                                       made.zip,  "--manifest", made.manifest};
    for (std::string& word : layer_system()) arguments.push_back(std::move(word));
    const Finished done = package(std::move(arguments));
    REQUIRE_MESSAGE(done.status.clean(), done.output);
    unpack(made.zip, made.folder);
    return made;
  }();
  return layer;
}

Finished invoke_in_layer(const std::string& folder, std::vector<std::string> arguments) {
  std::vector<std::string> words;
  if (::geteuid() == 0) {
    // Not `nobody`, who seems to own everything in a name space of users.
    words = {"setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--inh-caps=-all"};
  }
  for (const char* word : {"bwrap", "--unshare-net", "--dev-bind", "/", "/"}) {
    words.emplace_back(word);
  }
  words.insert(words.end(), {program("phork"), "invoke", folder, "--bootstrap",
                             source_path("tests/fixtures/packaging/enter")});
  words.insert(words.end(), std::make_move_iterator(arguments.begin()),
               std::make_move_iterator(arguments.end()));
  return run(std::move(words), {{"PHORK_TEST_LAYER", made_layer().folder},
                                {"PHORK_TEST_ROOT", base::variable("PHORK_OLD_ROOT")}});
}

}  // namespace phork::testing
