// SPDX-License-Identifier: MIT
#include "packaging/function/selection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <fnmatch.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

#include "packaging/archive/entry.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::array kDevelopment{
    ".git",
    ".gitignore",
    ".gitattributes",
    ".github",
    ".gitlab-ci.yml",
    ".hg",
    ".svn",
    ".idea",
    ".vscode",
    ".DS_Store",
    "phork-deploy",
    ".editorconfig",
    "/tests",
    "/Tests",
    "node_modules",
    ".php-cs-fixer*",
    ".phpunit*",
    "/phpunit.xml*",
    "/phpstan*.neon*",
    "/psalm.xml*",
    "/composer.phar",
    "/Dockerfile*",
    "/docker-compose*",
    "/compose*.yaml",
    "/.dockerignore",
    "/Makefile",
    "/template.yaml",
    "/serverless.yml",
    "/cdk.out",
    "/.aws-sam",
    "/.serverless",
    "/var/log",
    "/storage/logs",
    "/.phork/opcache",
};

// Values of a developer's machine, which may be secret, in any folder: one that is linked to brings
// its own.
constexpr std::array kSecrets{".env", ".env.*", ".envrc", "auth.json", ".ssh", ".aws"};
// Names of these that are for files without values.
constexpr std::array kSamples{".env.example", ".env.dist"};
// Symfony reads these: defaults that are meant to be committed, and what `composer dump-env` makes.
constexpr std::array kSymfonyDefaults{"/.env", "/.env.prod", "/.env.local.php"};

constexpr std::array kCaches{"/var/cache", "/bootstrap/cache/*.php",
                             "/storage/framework/views/*.php", "/storage/framework/cache/data",
                             "/storage/framework/sessions"};

// The first bytes of the outputs of phork package.
constexpr std::string_view kZip = "PK";
constexpr std::string_view kManifest = R"({"phork":)";

bool matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// `pattern` matches the path, a folder above it, or a part of it.
bool covers(const std::string& pattern, const fs::path& path) {
  const bool is_path = pattern.find('/') != std::string::npos;
  const std::string wanted = pattern.starts_with('/') ? pattern.substr(1) : pattern;
  fs::path so_far;
  return std::ranges::any_of(path, [&](const fs::path& part) {
    so_far /= part;
    return matches(wanted, is_path ? so_far.string() : part.string());
  });
}

template <typename Patterns>
bool any_covers(const Patterns& patterns, const fs::path& path) {
  return std::ranges::any_of(patterns,
                             [&path](const auto& pattern) { return covers(pattern, path); });
}

// The part of the path, from its beginning, that names a secret file or folder; else "".
std::string secret_in(const fs::path& path) {
  fs::path so_far;
  for (const fs::path& part : path) {
    so_far /= part;
    if (any_covers(kSecrets, part) && !any_covers(kSamples, part)) return so_far.string();
  }
  return "";
}

// Whatever it holds.
bool is_left_out(const Selection& selection, const fs::path& path) {
  return any_covers(selection.exclude, path) || any_covers(kDevelopment, path) ||
         (!selection.keeps_caches && any_covers(kCaches, path));
}

// True when the link leads to something within the application.
bool stays_inside(const fs::path& link, const fs::path& root) {
  std::error_code error;
  if (fs::read_symlink(link, error).is_absolute()) return false;
  const fs::path target = fs::weakly_canonical(link, error);
  return !error && !target.lexically_relative(root).empty() &&
         !target.lexically_relative(root).string().starts_with("..");
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  return std::ranges::mismatch(folder, path).in1 == folder.end();
}

// True when the target of a link is a place that exists on Lambda, and is no part of the
// application on this machine.
bool is_on_lambda(const fs::path& target, const fs::path& root) {
  const fs::path place = target.lexically_normal();
  if (!place.is_absolute() || lies_in(place, root)) return false;
  return std::ranges::any_of(std::array{"/tmp", "/opt", "/var/task"},
                             [&place](const char* folder) { return lies_in(place, folder); });
}

base::Status failed(const std::string& action, const fs::path& path, const std::error_code& error) {
  return base::system_error("packaging: " + action + " '" + path.string() + "'", error.value());
}

class Copier {
 public:
  Copier(fs::path root, fs::path to, const Selection& selection, std::int64_t time)
      : root_(std::move(root)), to_(std::move(to)), selection_(selection), time_(time) {}

  // Copies the folder at `from`, whose path in the package is `path`.
  base::Status copy_folder(const fs::path& from, const fs::path& path) {
    std::error_code error;
    for (auto at = fs::directory_iterator(from, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
      if (auto copied = copy(at->path(), path / at->path().filename()); !copied) return copied;
    }
    return error ? failed("read", from, error) : base::ok_status();
  }

  Copied result;

 private:
  base::Status copy(const fs::path& from, const fs::path& path) {
    if (fs::is_symlink(fs::symlink_status(from))) return copy_link(from, path);
    // A folder that is left out may hold files that are included by name.
    if (fs::is_directory(from)) {
      std::error_code ignored;  // a file in it cannot be copied then
      if (is_selected(selection_, path.string())) make_folder(path, ignored);
      return copy_folder(from, path);
    }
    if (!is_selected(selection_, path.string())) {
      note_secret(path);
      return base::ok_status();
    }
    return fs::is_regular_file(from) ? copy_regular(from, path) : base::ok_status();
  }

  // The target counts, unless the link leads to the same on Lambda.
  base::Status copy_link(const fs::path& from, const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::read_symlink(from, error);
    if (error) return failed("read", from, error);
    if (!is_selected(selection_, path.string())) {
      note_secret(path);
      return base::ok_status();
    }
    if (is_on_lambda(target, root_) || stays_inside(from, root_)) {
      if (lies_in(target.lexically_normal(), "/tmp") && fs::exists(from, error)) {
        result.temporary.insert(path.string() + " -> " + target.string());
      }
      return copy(from, path, copy_symlink);
    }
    const fs::file_status status = fs::status(from, error);
    if (error == std::errc::too_many_symbolic_link_levels) return leads_to_itself(from);
    if (fs::is_directory(status)) return follow(from, path);
    if (fs::is_regular_file(status)) return copy_regular(from, path);
    result.dangling.insert(path.string() + " -> " + target.string());
    return base::ok_status();
  }

  // Copies the folder that the link leads to. A folder that holds a link on our way would have us
  // pass that again and again.
  base::Status follow(const fs::path& link, const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::canonical(link, error);
    followed_.push_back(fs::canonical(link.parent_path(), error));
    if (error) return failed("read", link, error);
    if (std::ranges::any_of(
            followed_, [&target](const fs::path& on_way) { return lies_in(on_way, target); })) {
      return leads_to_itself(link);
    }
    std::error_code ignored;  // a file in it cannot be copied then
    make_folder(path, ignored);
    if (auto copied = copy_folder(link, path); !copied) return copied;
    followed_.pop_back();
    return base::ok_status();
  }

  static base::Status leads_to_itself(const fs::path& link) {
    return base::Error{base::ErrorKind::kInvalid,
                       "packaging: follow link '" + link.string() +
                           "': expected one that does not lead back to itself: remove it, or "
                           "--exclude it"};
  }

  // An output of an earlier run gives way to the new one; a file of the application does not.
  base::Status copy_regular(const fs::path& from, const fs::path& path) const {
    if (!is_output(from)) return copy(from, path, packaging::copy_file);
    std::ifstream stream(from, std::ios::binary);
    std::string beginning(kManifest.size(), '\0');
    stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    if (beginning == kManifest || beginning.starts_with(kZip)) return base::ok_status();
    return base::Error{base::ErrorKind::kInvalid,
                       "packaging: write '" + from.string() +
                           "': expected a new file or an earlier output, got a file of the "
                           "application: name another"};
  }

  bool is_output(const fs::path& file) const {
    return std::ranges::any_of(selection_.outputs, [&file](const fs::path& output) {
      std::error_code ignored;
      return fs::equivalent(file, output, ignored);
    });
  }

  void note_secret(const fs::path& path) {
    const std::string secret = secret_in(path);
    if (!secret.empty() && !is_left_out(selection_, path)) result.secrets.insert(secret);
  }

  // Not the folder of the copy: when the command is stopped, that is gone, and stays so.
  void make_folder(const fs::path& path, std::error_code& error) const {
    fs::path folder = to_;
    for (const fs::path& part : path) fs::create_directory(folder /= part, error);
  }

  static std::error_code copy_symlink(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::copy_symlink(from, to, error);
    return error;
  }

  template <typename F>
  base::Status copy(const fs::path& from, const fs::path& path, const F& make_copy) const {
    std::error_code error;
    const fs::path target = to_ / path;
    make_folder(path.parent_path(), error);
    if (!error) error = make_copy(from, target);
    if (error) return failed("copy", from, error);
    return set_time(target, time_);
  }

  fs::path root_;
  fs::path to_;
  const Selection& selection_;
  std::int64_t time_;
  std::vector<fs::path> followed_;  // the folders of the links on the way to where we are
};

}  // namespace

std::vector<std::string> framework_defaults(const fs::path& application) {
  std::error_code ignored;
  if (!fs::exists(application / "vendor/symfony/dotenv", ignored)) return {};
  return {kSymfonyDefaults.begin(), kSymfonyDefaults.end()};
}

bool is_selected(const Selection& selection, const std::string& path) {
  return any_covers(selection.include, path) ||
         (!is_left_out(selection, path) && secret_in(path).empty());
}

Result<Copied> copy_application(const fs::path& from, const fs::path& to,
                                const Selection& selection, std::int64_t time) {
  Selection all = selection;
  std::ranges::move(framework_defaults(from), std::back_inserter(all.include));
  Copier copier(from, to, all, time);
  if (auto copied = copier.copy_folder(from, {}); !copied) return copied.error();
  return std::move(copier.result);
}

base::Status set_time(const fs::path& file, std::int64_t time) {
  const std::array<timespec, 2> times{timespec{time, 0}, timespec{time, 0}};
  if (::utimensat(AT_FDCWD, file.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0) {
    return base::ok_status();
  }
  return base::system_error("packaging: set the time of '" + file.string() + "'", errno);
}

}  // namespace phork::packaging
