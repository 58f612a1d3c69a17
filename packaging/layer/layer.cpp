// SPDX-License-Identifier: MIT
#include "packaging/layer/layer.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "packaging/layer/compiled_paths.h"
#include "packaging/layer/data_files.h"
#include "packaging/layer/libraries.h"
#include "packaging/layer/patchelf.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kWorker = "php-worker";
constexpr const char* kFpmProgram = "php-fpm";

class LayerMaker {
 public:
  LayerMaker(SystemRoot root, PhpBuild php, std::vector<Extension> extensions, fs::path programs,
             fs::path work)
      : root_(std::move(root)),
        php_(std::move(php)),
        extensions_(std::move(extensions)),
        programs_(std::move(programs)),
        work_(std::move(work)) {}

  Result<std::vector<Entry>> make(bool with_fpm) {
    if (with_fpm) fpm_ = "/usr/sbin/php-fpm" + php_.version;
    for (const auto step :
         {&LayerMaker::add_programs, &LayerMaker::add_fpm, &LayerMaker::add_extensions,
          &LayerMaker::add_libraries, &LayerMaker::add_php_files, &LayerMaker::add_data}) {
      if (auto added = (this->*step)(); !added) return added.error();
    }
    sort(entries_);
    return std::move(entries_);
  }

 private:
  base::Status add_programs() {
    for (const char* name : {"bootstrap", kWorker}) {
      auto content = read_file(programs_ / name, "packaging: read program");
      if (!content) return content.error();
      Entry entry;
      entry.content = std::move(content).value();
      entry.path = name;
      entry.component = "programs";
      // The kernel lets no other process look into a program that its user may not read.
      entry.mode = entry.path == kWorker ? 0711 : 0755;
      if (auto added = add_program(std::move(entry)); !added) return added;
    }
    Entry link;
    link.path = "bootstrap";  // which Lambda starts
    link.content = layer_path("bootstrap");
    link.is_link = true;
    link.component = "programs";
    entries_.push_back(std::move(link));
    return base::ok_status();
  }

  base::Status add_fpm() {
    if (fpm_.empty()) return base::ok_status();
    if (root_.find(fpm_).empty()) {
      return Error{ErrorKind::kInvalid, "packaging: extension 'fpm': expected " + fpm_ + " in '" +
                                            root_.folder().string() + "': apt install php" +
                                            php_.version + "-fpm"};
    }
    auto entry = root_.take(fpm_);
    if (!entry) return entry.error();
    entry->path = kFpmProgram;
    entry->component = kFpmProgram;
    entry->mode = 0755;
    return add_program(std::move(entry).value());
  }

  // `entry.path` is still the program's name.
  base::Status add_program(Entry entry) {
    const std::string name = entry.path;
    entry.path = layer_path(name);
    const auto paths = compiled_paths(name, php_, root_.architecture());
    if (auto replaced = replace_paths(entry.content, name, paths); !replaced) return replaced;
    auto patched = set_loader(entry.content, root_.architecture(), work_);
    if (!patched) return patched.error();
    entry.content = std::move(patched).value();
    entries_.push_back(std::move(entry));
    return base::ok_status();
  }

  base::Status add_extensions() {
    for (const Extension& extension : extensions_) {
      auto entry = root_.take(extension.file);
      if (!entry) return entry.error();
      entry->path = layer_path("ext/" + extension.name + ".so");
      entry->component = "extensions";
      entries_.push_back(std::move(entry).value());
    }
    return base::ok_status();
  }

  Result<Libraries> needed_libraries() const {
    std::vector<fs::path> files{programs_ / "bootstrap", programs_ / kWorker};
    if (!fpm_.empty()) files.push_back(root_.find(fpm_));
    std::set<std::string> names;
    for (const Extension& extension : extensions_) {
      files.push_back(root_.find(extension.file));
      names.insert(extension.name);
    }
    return find_libraries(root_, php_, files, StandIns(programs_ / "packaging/stubs", names));
  }

  base::Status add_libraries() {
    const auto libraries = needed_libraries();
    if (!libraries) return libraries.error();
    for (const auto& [name, library] : libraries.value()) {
      if (auto added = add_library(name, library); !added) return added;
    }
    return base::ok_status();
  }

  base::Status add_library(const std::string& name, const Library& library) {
    Entry entry;
    if (library.stand_in.empty()) {
      auto taken = root_.take(library.path);
      if (!taken) return taken.error();
      entry = std::move(taken).value();
    } else {
      auto content = read_file(library.stand_in, "packaging: read library");
      if (!content) return content.error();
      entry.content = std::move(content).value();
    }
    const auto paths = compiled_paths(name, php_, root_.architecture());
    if (auto replaced = replace_paths(entry.content, name, paths); !replaced) return replaced;
    const auto elf =
        read_elf(library.stand_in.empty() ? root_.find(library.path) : library.stand_in);
    if (!elf) return elf.error();
    if (elf->has_search_path) {
      auto patched = remove_search_path(entry.content, work_);
      if (!patched) return patched.error();
      entry.content = std::move(patched).value();
    }
    entry.path = layer_path("lib/" + name);
    entry.component = name == php_.library ? "PHP" : "libraries";
    // The kernel runs it, as the interpreter of the programs.
    if (name == root_.architecture().loader) entry.mode = 0755;
    entries_.push_back(std::move(entry));
    return base::ok_status();
  }

  base::Status add_php_files() {
    std::error_code error;
    const fs::path folder = fs::canonical(programs_ / "php", error);
    auto at = fs::recursive_directory_iterator(error ? fs::path() : folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      if (!at->is_regular_file()) continue;
      auto content = read_file(at->path(), "packaging: read");
      if (!content) return content.error();
      Entry entry;
      entry.path = layer_path("php/" + at->path().lexically_relative(folder).string());
      entry.content = std::move(content).value();
      entry.component = "programs";
      entries_.push_back(std::move(entry));
    }
    if (error) {
      return base::system_error("packaging: read '" + (programs_ / "php").string() + "'",
                                error.value());
    }
    return base::ok_status();
  }

  base::Status add_data() {
    if (auto added = add_settings(root_, php_, extensions_, entries_); !added) return added;
    if (auto added = add_data_files(root_, php_, entries_); !added) return added;
    if (auto added = add_licences(root_, entries_); !added) return added;
    auto licence = read_file(programs_ / "LICENSE", "packaging: read");
    if (!licence) return licence.error();
    Entry entry;
    entry.path = layer_path("licenses/phork");
    entry.content = std::move(licence).value();
    entry.component = "licences";
    entries_.push_back(std::move(entry));
    return base::ok_status();
  }

  SystemRoot root_;
  PhpBuild php_;
  std::vector<Extension> extensions_;
  fs::path programs_;
  fs::path work_;
  std::string fpm_;  // its path in the system; "" for a layer without
  std::vector<Entry> entries_;
};

// The architecture that is asked for, if the programs are for it.
Result<Architecture> choose_architecture(const LayerOptions& options) {
  auto theirs = architecture_of(options.programs / kWorker);
  if (!theirs || options.architecture.empty()) return theirs;
  auto asked = find_architecture(options.architecture);
  if (!asked || asked->machine == theirs->machine) return asked;
  return Error{ErrorKind::kInvalid, "packaging: read programs of '" + options.programs.string() +
                                        "': expected " + options.architecture + " (--arch), got " +
                                        std::string(theirs->name) +
                                        ": name a folder with such programs (--programs)"};
}

std::string words(const std::vector<Extension>& extensions) {
  std::set<std::string> names;
  for (const Extension& extension : extensions) names.insert(extension.name);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

}  // namespace

Result<Layer> make_layer(const LayerOptions& options, Scratch& scratch) {
  const auto architecture = choose_architecture(options);
  if (!architecture) return architecture.error();
  auto root = SystemRoot::open(options.root, architecture.value());
  if (!root) return root.error();
  auto php = find_php(root.value(), options.programs / kWorker);
  if (!php) return php.error();
  auto extensions = choose_extensions(root.value(), php.value(), options.extensions);
  if (!extensions) return extensions.error();
  auto work = scratch.make_folder();
  if (!work) return work.error();

  Layer layer;
  layer.facts = {{"phork", PHORK_VERSION},
                 {"php", php->version},
                 {"architecture", std::string(architecture->name)},
                 {"extensions", words(extensions.value())}};
  const auto& with = options.extensions.with;
  const bool with_fpm = std::ranges::find(with, kFpm) != with.end();
  LayerMaker maker(std::move(root).value(), std::move(php).value(), std::move(extensions).value(),
                   options.programs, std::move(work).value());
  auto entries = maker.make(with_fpm);
  if (!entries) return entries.error();
  layer.entries = std::move(entries).value();
  return layer;
}

}  // namespace phork::packaging
