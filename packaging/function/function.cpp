// SPDX-License-Identifier: MIT
#include "packaging/function/function.h"

#include <algorithm>
#include <set>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <system_error>
#include <utility>

#include "packaging/archive/zip.h"
#include "packaging/function/compiled_code.h"
#include "packaging/function/limits.h"
#include "packaging/function/preparation.h"
#include "packaging/function/task_folder.h"
#include "packaging/layer/elf_file.h"
#include "packaging/layer/layer_check.h"
#include "runtime/base/log.h"
#include "runtime/lambda/handler_path.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kWorker = "/opt/phork/php-worker";
// A zip holds every second second. What is made of a source is younger than that, which is how
// Laravel finds out whether a compiled template is up to date.
constexpr std::int64_t kYounger = 2;

template <typename Words>
std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

class FunctionMaker {
 public:
  FunctionMaker(const FunctionOptions& options, std::int64_t time, fs::path work)
      : options_(options), time_(time), work_(std::move(work)), folder_(work_ / "task") {}

  Result<FunctionPackage> make() {
    for (const auto step :
         {&FunctionMaker::copy, &FunctionMaker::unpack_layer, &FunctionMaker::prepare_copy,
          &FunctionMaker::find_handler, &FunctionMaker::mark_younger, &FunctionMaker::compile,
          &FunctionMaker::collect}) {
      if (auto done = (this->*step)(); !done) return done.error();
    }
    sort(package_.entries);
    if (auto fits = check_size(package_.entries, layer_size_); !fits) return fits.error();
    package_.facts = {{"phork", PHORK_VERSION}, {"handler", options_.handler}};
    return std::move(package_);
  }

 private:
  base::Status copy() {
    std::error_code error;
    fs::create_directory(folder_.path(), error);
    if (error) return base::system_error("packaging: make folder", error.value());
    Selection selection = options_.selection;
    selection.keeps_caches = !options_.prepares;
    const auto copied = copy_application(options_.directory, folder_.path(), selection, time_);
    if (!copied) return copied.error();
    if (!copied->secrets.empty()) {
      base::log_info(
          "package: left out " + joined(copied->secrets) +
          ", which may hold secrets: set its variables for the function, or --include it");
    }
    if (!copied->dangling.empty()) {
      base::log_warn("package: left out links that lead to nothing here: " +
                     joined(copied->dangling));
    }
    if (!copied->temporary.empty()) {
      base::log_warn("package: links to /tmp, which is empty when Lambda starts the function: " +
                     joined(copied->temporary));
    }
    return base::ok_status();
  }

  base::Status unpack_layer() {
    if (options_.layer.empty()) return base::ok_status();
    if (auto whole = check_parts(options_.layer); !whole) return whole;
    const auto size = unpacked_size(options_.layer);
    if (!size) return size.error();
    layer_size_ = size.value();
    if (!options_.compiles) return base::ok_status();
    layer_ = work_ / "layer";
    if (auto unpacked = unpack_zip(options_.layer, layer_); !unpacked) return unpacked;
    return check_layer();
  }

  // Its PHP has to run here.
  base::Status check_layer() const {
    const auto architecture = architecture_of(layer_ / "phork/php-worker");
    if (!architecture) return architecture.error();
    utsname machine{};
    ::uname(&machine);
    if (architecture->triplet.starts_with(machine.machine)) return base::ok_status();
    return Error{ErrorKind::kInvalid, "packaging: compile with layer '" + options_.layer.string() +
                                          "': it is for " + std::string(architecture->name) +
                                          ", and this machine is " + machine.machine +
                                          ": package there, or with --no-compile"};
  }

  base::Status prepare_copy() {
    if (!options_.prepares) return base::ok_status();
    std::vector<std::string> environment = options_.environment;
    environment.push_back("SOURCE_DATE_EPOCH=" + std::to_string(time_));
    auto done = prepare(folder_, options_.directory, environment);
    if (!done) return done.error();
    if (!done->empty()) base::log_info("package: ran " + joined(done.value()));
    return base::ok_status();
  }

  base::Status find_handler() {
    if (lambda::has_container(options_.environment)) return base::ok_status();
    if (lambda::resolve_handler(options_.handler, folder_.path())) return base::ok_status();
    const bool was_there = lambda::resolve_handler(options_.handler, options_.directory).ok();
    return Error{ErrorKind::kInvalid,
                 "packaging: find handler '" + options_.handler + "' in the package: " +
                     (was_there ? "it is left out: --include it"
                                : "no such file in '" + options_.directory.string() +
                                      "': name the entry with --handler")};
  }

  base::Status mark_younger() {
    return for_each_file([this](const fs::path& file) -> base::Status {
      struct stat info {};

      if (::lstat(file.c_str(), &info) != 0 || info.st_mtime == time_) return base::ok_status();
      return set_time(file, time_ + kYounger);
    });
  }

  base::Status compile() {
    if (!options_.compiles) return base::ok_status();
    Command command;
    command.what = "php-worker --compile";
    command.arguments = {kWorker, "--compile"};
    command.environment = options_.environment;
    for (const std::string& variable :
         {"_HANDLER=" + options_.handler, std::string("LAMBDA_TASK_ROOT=") + kTaskRoot,
          "SOURCE_DATE_EPOCH=" + std::to_string(time_)}) {
      command.environment.push_back(variable);
    }
    auto code = compile_code(folder_, [&] {
      return layer_.empty() ? folder_.run_with_programs(command, options_.programs)
                            : folder_.run_in_layer(command, layer_);
    });
    if (!code) {
      // A setting that the worker refuses, as a rehearsal, fails on Lambda, too.
      const bool helps = code.error().kind != ErrorKind::kRefused;
      return Error{
          helps ? code.error().kind : ErrorKind::kInvalid,
          code.error().text + (helps ? " (--no-compile packages without compiled code)" : "")};
    }
    std::ranges::move(code.value(), std::back_inserter(package_.entries));
    return base::ok_status();
  }

  base::Status collect() {
    base::Status collected = for_each_file([this](const fs::path& file) -> base::Status {
      Entry entry;
      entry.path = file.lexically_relative(folder_.path()).string();
      entry.component = entry.path.starts_with("vendor/") ? "vendor" : "application";
      struct stat info {};

      ::lstat(file.c_str(), &info);
      entry.seconds_later = info.st_mtime - time_;
      std::error_code error;
      if (fs::is_symlink(file)) {
        entry.is_link = true;
        entry.content = fs::read_symlink(file, error).string();
        note_lost(file, entry);
      } else if (fs::is_directory(file)) {
        entry.is_folder = true;
        entry.mode = 0755;
        entry.seconds_later = 0;
      } else {
        // Lambda runs functions as a user that is not the owner.
        if ((info.st_mode & S_IXUSR) != 0) entry.mode = 0755;
        auto content = read_file(file, "packaging: read");
        if (!content) return content.error();
        entry.content = std::move(content).value();
      }
      package_.entries.push_back(std::move(entry));
      return base::ok_status();
    });
    if (!lost_.empty()) {
      base::log_warn("package: links that lead to nothing in the package: " + joined(lost_));
    }
    return collected;
  }

  // The target of a link may have been left out. One elsewhere on Lambda is not known.
  void note_lost(const fs::path& link, const Entry& entry) {
    std::error_code error;
    const fs::path root = fs::canonical(folder_.path(), error);
    const fs::path target = fs::weakly_canonical(link, error);
    if (error || fs::exists(target, error)) return;
    if (std::ranges::mismatch(root, target).in1 != root.end()) return;
    lost_.insert(entry.path + " -> " + entry.content);
  }

  // And for each folder without files.
  template <typename Visit>
  base::Status for_each_file(Visit visit) const {
    std::error_code error;
    auto at = fs::recursive_directory_iterator(folder_.path(), error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      const bool is_file = at->is_symlink() || at->is_regular_file();
      if (!is_file && !(at->is_directory() && fs::is_empty(at->path(), error))) continue;
      if (auto visited = visit(at->path()); !visited) return visited;
    }
    if (error) return base::system_error("packaging: read the copy", error.value());
    return base::ok_status();
  }

  const FunctionOptions& options_;
  std::int64_t time_;
  fs::path work_;
  TaskFolder folder_;
  fs::path layer_;  // unpacked; "" for none
  std::uint64_t layer_size_ = 0;
  std::set<std::string> lost_;  // links that lead to nothing in the package, "link -> target"
  FunctionPackage package_;
};

}  // namespace

Result<FunctionPackage> make_function(const FunctionOptions& options, Scratch& scratch) {
  const auto time = archive_time();
  if (!time) return time.error();
  auto work = scratch.make_folder();
  if (!work) return work.error();
  return FunctionMaker(options, time.value(), std::move(work).value()).make();
}

}  // namespace phork::packaging
