// SPDX-License-Identifier: MIT
#include "packaging/function/preparation.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <simdjson.h>

#include "packaging/archive/entry.h"
#include "packaging/archive/require_program.h"
#include "runtime/base/log.h"
#include "runtime/base/program.h"
#include "runtime/base/settings.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

// The packages below vendor/, as Composer 2 lists them in vendor/composer/installed.json.
struct Installed {
  bool is_there = false;
  bool has_development = false;
  std::set<std::string> names;
};

Installed read_installed(const fs::path& task) {
  Installed installed;
  std::error_code ignored;
  installed.is_there = fs::exists(task / "vendor/autoload.php", ignored);
  simdjson::dom::parser parser;
  simdjson::dom::element list;
  if (parser.load((task / "vendor/composer/installed.json").string()).get(list) !=
      simdjson::SUCCESS) {
    return installed;
  }
  simdjson::dom::array packages;
  if (list["packages"].get(packages) == simdjson::SUCCESS) {
    for (const simdjson::dom::element package : packages) {
      std::string_view name;
      if (package["name"].get(name) == simdjson::SUCCESS) installed.names.emplace(name);
    }
  }
  simdjson::dom::array development;
  if (list["dev-package-names"].get(development) == simdjson::SUCCESS) {
    installed.has_development = development.size() > 0;
  }
  return installed;
}

bool has_script(const fs::path& task, const char* name) {
  simdjson::dom::parser parser;
  simdjson::dom::element file;
  simdjson::dom::element script;
  return parser.load((task / "composer.json").string()).get(file) == simdjson::SUCCESS &&
         file["scripts"][name].get(script) == simdjson::SUCCESS;
}

fs::path composer_cache() {
  const std::string told = base::variable("COMPOSER_CACHE_DIR");
  if (!told.empty()) return told;
  const std::string home = base::variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache/composer";
}

// In the name space in which Composer runs. A path may be a pattern, which begins with a folder.
bool is_visible(const fs::path& task, std::string_view url) {
  const std::size_t pattern = url.find_first_of("*?[{");
  const fs::path path = pattern == std::string_view::npos
                            ? fs::path(url)
                            : fs::path(url.substr(0, pattern)).parent_path();
  std::error_code ignored;
  if (path.is_relative()) {
    const fs::path inside = (task / path).lexically_normal().lexically_relative(task);
    return *inside.begin() != ".." && fs::exists(task / inside, ignored);
  }
  const fs::path top = path == "/" ? path : *std::next(path.begin());
  return top != "tmp" && top != "var" && fs::exists(path, ignored);
}

// True when a repository of composer.json, or a package of composer.lock, is at a path that
// Composer cannot see.
bool lacks_path(const fs::path& task) {
  simdjson::dom::parser parser;
  simdjson::dom::element file;
  simdjson::dom::array list;
  const auto any_lost = [&](const char* place) {
    return std::ranges::any_of(list, [&](const simdjson::dom::element item) {
      std::string_view type;
      std::string_view url;
      simdjson::dom::element at = item;
      if (place != nullptr && item[place].get(at) != simdjson::SUCCESS) return false;
      return at["type"].get(type) == simdjson::SUCCESS && type == "path" &&
             at["url"].get(url) == simdjson::SUCCESS && !is_visible(task, url);
    });
  };
  if (parser.load((task / "composer.json").string()).get(file) == simdjson::SUCCESS &&
      file["repositories"].get(list) == simdjson::SUCCESS && any_lost(nullptr)) {
    return true;
  }
  return parser.load((task / "composer.lock").string()).get(file) == simdjson::SUCCESS &&
         file["packages"].get(list) == simdjson::SUCCESS && any_lost("dist");
}

// For a package of a repository of type `path`
// (https://getcomposer.org/doc/05-repositories.md#path) that the copy of the application does not
// see.
constexpr const char* kPathAdvice =
    "; Composer runs in a copy of the application, without this machine's /tmp and /var and what "
    "lies beside the application: name the package by an absolute path elsewhere, or set "
    "\"symlink\": false for it, run composer install --no-dev, and package with --no-prepare";

class Preparer {
 public:
  Preparer(const TaskFolder& folder, fs::path application, std::vector<std::string> environment)
      : folder_(folder),
        application_(std::move(application)),
        environment_(std::move(environment)) {
    environment_.insert(environment_.begin(),
                        {"PATH=" + base::variable("PATH"), "HOME=/tmp", "APP_ENV=prod",
                         "APP_DEBUG=0", "COMPOSER_ALLOW_SUPERUSER=1", "COMPOSER_NO_INTERACTION=1"});
  }

  Result<std::vector<std::string>> prepare() {
    if (auto installed = install(); !installed) return installed.error();
    const Installed packages = read_installed(folder_.path());
    if (packages.names.contains("symfony/framework-bundle") && has("bin/console")) {
      warm("bin/console", {"cache:warmup", "--no-debug"});
    }
    if (packages.names.contains("laravel/framework") && has("artisan")) {
      // Not config:cache, which would put values of this machine's environment into the package,
      // and let those of the function have no effect.
      for (const char* cache : {"event:cache", "route:cache", "view:cache"}) {
        warm("artisan", {cache});
      }
      if (auto numbered = number_routes(); !numbered) return numbered.error();
    }
    return std::move(done_);
  }

 private:
  bool has(const char* file) const {
    std::error_code ignored;
    return fs::exists(folder_.path() / file, ignored);
  }

  base::Status install() {
    if (!has("composer.json")) return base::ok_status();
    if (has("artisan")) {
      // Laravel writes there, but does not make the folder.
      std::error_code ignored;
      fs::create_directory(folder_.path() / "bootstrap", ignored);
      fs::create_directory(folder_.path() / "bootstrap/cache", ignored);
    }
    const Installed installed = read_installed(folder_.path());
    const bool can_install = has("composer.lock") || !installed.is_there;
    auto composer = require_program({"composer"}, "composer");
    if (!composer) {
      if (installed.is_there && !installed.has_development) return base::ok_status();
      return Error{ErrorKind::kInvalid,
                   composer.error().text +
                       ", or run composer install --no-dev yourself and package with --no-prepare"};
    }
    composer_ = std::move(composer).value();
    if (can_install) return compose({"install", "--no-dev", "--optimize-autoloader"});
    if (installed.has_development) {
      return Error{ErrorKind::kInvalid,
                   "packaging: find packages of development in vendor: expected composer.lock, by "
                   "which Composer can remove them: run composer install"};
    }
    if (auto dumped = compose({"dump-autoload", "--no-dev", "--optimize"}); !dumped) return dumped;
    constexpr const char* kScript = "post-install-cmd";
    if (!has_script(folder_.path(), kScript)) return base::ok_status();
    return compose({"run-script", "--no-dev", kScript});
  }

  base::Status compose(std::vector<std::string> words) {
    Command command;
    command.what = "composer " + words.front();
    command.arguments = {composer_};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.environment = environment_;
    command.environment.push_back("COMPOSER_HOME=/tmp/composer");
    command.writable = composer_cache();
    // Without a folder Composer would take the application's for it.
    command.environment.push_back("COMPOSER_CACHE_DIR=" + (command.writable.empty()
                                                               ? "/tmp/composer/cache"
                                                               : command.writable.string()));
    command.has_network = words.front() == "install";
    // https://getcomposer.org/doc/articles/authentication-for-private-packages.md
    command.readable = {application_ / "auth.json", "/tmp/composer/auth.json"};
    auto ran = run(command);
    if (ran) return ran;
    return Error{ran.error().kind,
                 ran.error().text + (lacks_path(folder_.path())
                                         ? kPathAdvice
                                         : " (--no-prepare packages the folder as it is)")};
  }

  // An application runs without its caches, if more slowly, and some cannot fill one of them.
  void warm(const std::string& script, std::vector<std::string> words) {
    Command command;
    command.what = script + " " + words.front();
    command.environment = environment_;
    auto php = require_program(base::php_program_names("php"), "php-cli");
    base::Status ran = php ? base::ok_status() : base::Status(php.error());
    if (php) {
      command.arguments = {std::move(php).value(), script};
      command.arguments.insert(command.arguments.end(), words.begin(), words.end());
      ran = run(command);
    }
    if (!ran) base::log_warn("package: cache not filled: " + ran.error().text);
  }

  // The same application has the same names in each package.
  base::Status number_routes() const {
    const fs::path file = folder_.path() / "bootstrap/cache/routes-v7.php";
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return base::ok_status();
    const auto routes = read_file(file, "packaging: read");
    if (!routes) return routes.error();
    std::ofstream written(file, std::ios::binary);
    written << number_route_names(routes.value()) << std::flush;
    if (written) return base::ok_status();
    return Error{ErrorKind::kSystem, "packaging: write '" + file.string() + "'"};
  }

  base::Status run(const Command& command) {
    auto ran = folder_.run_here(command);
    if (ran) done_.push_back(command.what);
    return ran;
  }

  const TaskFolder& folder_;
  const fs::path application_;
  std::vector<std::string> environment_;
  std::string composer_;
  std::vector<std::string> done_;
};

}  // namespace

std::string number_route_names(std::string_view routes) {
  constexpr std::string_view kBegin = "generated::";
  constexpr std::size_t kLength = 16;
  std::map<std::string, std::string, std::less<>> numbers;
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t found = std::min(routes.find(kBegin, at), routes.size());
    const std::size_t name_at = std::min(found + kBegin.size(), routes.size());
    text.append(routes.substr(at, name_at - at));
    at = name_at;
    if (at == routes.size()) return text;
    const std::string_view name = routes.substr(at, kLength);
    const bool is_random = name.size() == kLength && std::ranges::all_of(name, [](char letter) {
                             return std::isalnum(static_cast<unsigned char>(letter)) != 0;
                           });
    if (!is_random) continue;
    std::string number = std::to_string(numbers.size() + 1);
    number.insert(0, kLength - number.size(), '0');
    text.append(numbers.emplace(name, std::move(number)).first->second);
    at += kLength;
  }
}

Result<std::vector<std::string>> prepare(const TaskFolder& folder, const fs::path& application,
                                         const std::vector<std::string>& environment) {
  return Preparer(folder, application, environment).prepare();
}

}  // namespace phork::packaging
