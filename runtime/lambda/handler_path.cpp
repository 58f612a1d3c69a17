// SPDX-License-Identifier: MIT
#include "runtime/lambda/handler_path.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <utility>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/settings.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kExtension = ".php";

struct Candidates {
  std::vector<std::string> files;  // the first that exists is the one
  std::string function;
};

// `subject` is what was to be found: "handler 'index.php'".
Error cannot_find(const std::string& subject, const std::string& reason) {
  return Error{ErrorKind::kInvalid, "lambda: find " + subject + ": " + reason};
}

std::string quoted(const char* what, const std::string& name) {
  return std::string(what) + " '" + name + "'";
}

// https://www.php.net/manual/en/functions.user-defined.php, and `\` for namespaces.
bool is_function_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    const bool beyond_ascii = static_cast<unsigned char>(c) >= 0x80;
    if (!letter && !digit && !beyond_ascii && c != '_' && c != '\\') return false;
  }
  return true;
}

base::Result<Candidates> list_candidates(const std::string& handler, const std::string& task_root) {
  const std::filesystem::path root(task_root);
  // `root / path` is `path` alone when that is absolute.
  const auto below = [&](const std::filesystem::path& path) {
    return (root / path).lexically_normal().string();
  };
  if (handler.ends_with(kExtension)) return Candidates{{below(handler)}, ""};

  Candidates found;
  std::string name = handler;
  const auto slash = handler.rfind('/');
  const auto dot = handler.rfind('.');
  if (dot != std::string::npos && (slash == std::string::npos || dot > slash)) {
    found.function = handler.substr(dot + 1);
    name.resize(dot);
    if (!is_function_name(found.function)) {
      return cannot_find(quoted("handler", handler),
                         "expected a file ending in .php, or name.function");
    }
  }
  if (name.empty() || name.back() == '/') {
    return cannot_find(quoted("handler", handler),
                       "expected a file ending in .php, or name.function");
  }
  const std::filesystem::path file = name + std::string(kExtension);
  if (file.is_relative()) found.files.push_back(below("src" / file));
  found.files.push_back(below(file));
  // A console of commands, such as bin/console and artisan.
  if (found.function.empty()) found.files.push_back(below(name));
  return found;
}

// True when a line of the file begins with `function NAME(`, outside of a namespace.
bool declares_function(const std::string& file, std::string_view name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::string_view rest = line;
    const auto take = [&rest](std::string_view word) {
      if (!rest.starts_with(word)) return false;
      rest.remove_prefix(word.size());
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
      return true;
    };
    if (rest.starts_with("namespace ")) return false;
    if (take("function ") && take(name) && take("(")) return true;
  }
  return false;
}

enum class Found { kFile, kNothing };

// Opening is the one check that asks exactly what PHP will ask.
base::Result<Found> look_at(const std::string& subject, const std::string& file) {
  const base::Fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return Found::kNothing;
    return cannot_find(subject,
                       "cannot read " + file + ": " + std::generic_category().message(errno));
  }

  struct stat status {};

  if (::fstat(opened.get(), &status) == -1) {
    return cannot_find(subject,
                       "cannot read " + file + ": " + std::generic_category().message(errno));
  }
  if (S_ISDIR(status.st_mode)) return cannot_find(subject, file + " is a directory");
  if (!S_ISREG(status.st_mode)) return cannot_find(subject, file + " is not a regular file");
  return Found::kFile;
}

}  // namespace

base::Result<Entry> resolve_handler(const std::string& handler, const std::string& task_root) {
  if (handler.empty()) {
    return Error{ErrorKind::kInvalid,
                 "lambda: find handler: expected a PHP file in _HANDLER, got nothing"};
  }
  auto candidates = list_candidates(handler, task_root);
  if (!candidates) return std::move(candidates).error();

  const std::string subject = quoted("handler", handler);
  std::string tried;
  for (const std::string& file : candidates->files) {
    const auto found = look_at(subject, file);
    if (!found) return found.error();
    if (found.value() == Found::kFile) {
      std::string& function = candidates->function;
      // Lambda's tutorial sets the handler to the name that file and function have in common.
      const std::string stem = std::filesystem::path(file).stem().string();
      if (!handler.ends_with(kExtension) && function.empty() && declares_function(file, stem)) {
        function = stem;
      }
      return Entry{file, std::move(function)};
    }
    tried += (tried.empty() ? "" : ", ") + file;
  }
  return cannot_find(subject, "no such file, tried " + tried);
}

base::Result<std::string> resolve_preboot(const std::string& name, const std::string& task_root) {
  if (name.empty()) return std::string();
  const std::string subject = quoted("PHORK_PREBOOT", name);
  std::string file = (std::filesystem::path(task_root) / name).lexically_normal().string();
  const auto found = look_at(subject, file);
  if (!found) return found.error();
  if (found.value() == Found::kFile) return file;
  return cannot_find(subject, "no such file, tried " + file);
}

bool has_container(const std::vector<std::string>& environment) {
  return std::ranges::find(environment, "BREF_RUNTIME=function") != environment.end();
}

base::Result<EntryFiles> find_entry_files(const std::string& task_root,
                                          const std::string& library) {
  const auto bref = base::value_of(base::settings::kBrefRuntime);
  const std::string bridge = library + "/Bridge/Bref/";
  const std::string handler = base::variable("_HANDLER");
  auto entry = bref == base::BrefRuntime::kFunction && !handler.empty()
                   ? base::Result<Entry>(Entry{bridge + "function.php", ""})
                   : resolve_handler(handler, task_root);
  if (!entry) return std::move(entry).error();
  const std::string name = base::variable("PHORK_PREBOOT");
  const bool prepares = bref == base::BrefRuntime::kFpm || bref == base::BrefRuntime::kConsole;
  auto preboot = prepares && name.empty() ? base::Result<std::string>(bridge + "preboot.php")
                                          : resolve_preboot(name, task_root);
  if (!preboot) return std::move(preboot).error();
  return EntryFiles{std::move(entry).value(), std::move(preboot).value()};
}

}  // namespace phork::lambda
