// SPDX-License-Identifier: MIT
#include "packaging/layer/libraries.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

struct StandIn {
  std::string_view library;    // the beginning of its name
  std::string_view extension;  // that needs the real one
};

constexpr std::array<StandIn, 4> kStandIns{{
    {"libicuuc.so.", "intl"},
    {"libldap", "ldap"},
    {"liblber", "ldap"},
    {"librtmp.so.", ""},
}};

// A library that something needs, and the file that needs it.
struct Wanted {
  std::string name;
  std::string by;
};

Error missing(const SystemRoot& root, const Wanted& wanted) {
  return {ErrorKind::kInvalid, "packaging: find library '" + wanted.name + "', which " + wanted.by +
                                   " needs: not in '" + root.folder().string() + "'"};
}

Error of_other_machine(const SystemRoot& root, const fs::path& file) {
  const auto other = architecture_of(file);
  return {ErrorKind::kInvalid, "packaging: read '" + file.string() + "': expected a file for " +
                                   std::string(root.architecture().name) + ", got one for " +
                                   (other ? std::string(other->name) : "another processor")};
}

Result<std::vector<Wanted>> needs_of(const SystemRoot& root, const fs::path& file) {
  const auto elf = read_elf(file);
  if (!elf) return elf.error();
  if (elf->machine != root.architecture().machine) return of_other_machine(root, file);
  std::vector<Wanted> needs;
  for (const std::string& name : elf->needed) needs.push_back({name, file.filename().string()});
  return needs;
}

}  // namespace

StandIns::StandIns(fs::path folder, const std::set<std::string>& wanted)
    : folder_(std::move(folder)) {
  for (const StandIn& one : kStandIns) {
    if (wanted.contains(std::string(one.extension))) real_.emplace(one.library);
  }
}

fs::path StandIns::find(const std::string& library) const {
  const bool is_real = std::ranges::any_of(
      real_, [&library](const std::string& begin) { return library.starts_with(begin); });
  std::error_code ignored;
  const fs::path file = folder_ / library;
  return !is_real && fs::is_regular_file(file, ignored) ? file : fs::path();
}

Result<Libraries> find_libraries(const SystemRoot& root, const PhpBuild& php,
                                 const std::vector<fs::path>& files, const StandIns& stand_ins) {
  Libraries libraries;
  std::vector<Wanted> wanted;
  const auto add_needs_of = [&](const fs::path& file) -> base::Status {
    auto needs = needs_of(root, file);
    if (!needs) return needs.error();
    std::ranges::move(needs.value(), std::back_inserter(wanted));
    return base::ok_status();
  };
  for (const fs::path& file : files) {
    if (auto added = add_needs_of(file); !added) return added.error();
  }
  while (!wanted.empty()) {
    const Wanted next = std::move(wanted.back());
    wanted.pop_back();
    if (libraries.contains(next.name)) continue;
    Library& library = libraries[next.name];
    library.stand_in = stand_ins.find(next.name);
    fs::path file = library.stand_in;
    if (file.empty()) {
      // Its own name is a link that Debian's alternatives make.
      const bool is_php = next.name == php.library;
      library.path = is_php ? php.library_path : root.find_library(next.name);
      if (library.path.empty()) return missing(root, next);
      file = root.find(library.path);
    }
    if (auto added = add_needs_of(file); !added) return added.error();
  }
  return libraries;
}

}  // namespace phork::packaging
