// SPDX-License-Identifier: MIT
#include "tests/apps/servers.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

#include <doctest/doctest.h>

namespace phork::apps {
namespace {

constexpr const char* kLog = "/php.log";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set; run by Meson");
  return value;
}

testing::ReferenceOptions reference_options(const Application& application,
                                            const Workspace& workspace) {
  testing::ReferenceOptions options;
  options.document_root = in_root(application.document_root);
  options.environment = workspace.environment();
  options.ini["error_log"] = workspace.folder() + kLog;
  if (!application.preboot.empty()) {
    options.ini["auto_prepend_file"] = in_root(application.preboot);
  }
  return options;
}

std::map<std::string, std::string> phork_environment(const Application& application,
                                                     const Workspace& workspace) {
  auto environment = workspace.environment();
  environment["PHORK_ROUTE"] = "files";
  if (!application.preboot.empty()) environment["PHORK_PREBOOT"] = application.preboot;
  return environment;
}

}  // namespace

std::string in_root(const std::string& path) {
  return variable("APP_ROOT") + "/" + path;
}

Workspace::Workspace(const Application& application) {
  folder_ = (std::filesystem::temp_directory_path() / "phork-apps-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("tests: make a folder");
  // Keeps the times of the files, because applications derive cache keys from them.
  const auto copied =
      testing::run_program("/bin/cp", {"-a", variable("APP_TEMPLATE"), folder_ + "/data"}, {});
  REQUIRE_MESSAGE(copied.output.empty(), copied.output);
  for (const char* name : {"/ini", "/sessions"}) {
    std::filesystem::create_directory(folder_ + name);
  }
  std::ofstream file(folder_ + "/ini/apps.ini");
  file << "session.save_path = " << folder_ << "/sessions\n";
  // With nothing before the colon, Debian's own folder is read first.
  environment_ = {{"APP_DATA", folder_ + "/data"}, {"PHP_INI_SCAN_DIR", ":" + folder_ + "/ini"}};
  for (auto [name, value] : application.environment) {
    const std::size_t at = value.find("$ROOT");
    if (at != std::string::npos) value.replace(at, 5, variable("APP_ROOT"));
    environment_[name] = value;
  }
}

Workspace::~Workspace() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Reference::Reference(const Application& application)
    : workspace_(application), server_(reference_options(application, workspace_)) {}

std::string Reference::php_log() const {
  std::ifstream file(workspace_.folder() + kLog);
  return {std::istreambuf_iterator<char>(file), {}};
}

PhorkServer::PhorkServer(const Application& application, const std::string& strategy)
    : workspace_(application),
      server_(variable("APP_ROOT"),
              {"--handler", application.document_root + "/index.php", "--strategy", strategy},
              phork_environment(application, workspace_)) {}

}  // namespace phork::apps
