// SPDX-License-Identifier: MIT
#include "tests/http/site.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace phork::http_suite {
namespace {

constexpr const char* kSmallLimits =
    "upload_max_filesize = 64K\n"
    "post_max_size = 2M\n"
    "expose_php = on\n"
    "max_file_uploads = 6\n"
    "max_input_vars = 1000\n"
    "session.gc_probability = 0\n"
    "session.use_strict_mode = 1\n";

constexpr const char* kUnusual =
    "output_buffering = 0\n"
    "variables_order = EGPCS\n"
    "request_order = CGP\n"
    "max_input_nesting_level = 2\n"
    "default_charset = ISO-8859-15\n"
    "session.auto_start = 1\n"
    "session.name = BASKET\n"
    "session.cookie_httponly = 1\n"
    "date.timezone = Europe/Berlin\n"
    "precision = 5\n"
    "max_execution_time = 77\n"
    "html_errors = off\n"
    "register_argc_argv = on\n";

std::string folder_of(Application application) {
  return application == Application::kScripts ? "site" : "public";
}

}  // namespace

Scratch::Scratch(Settings settings) {
  folder_ = (std::filesystem::temp_directory_path() / "phork-http-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("tests: make a folder");
  for (const char* name : {"/ini", "/uploads", "/sessions"}) {
    std::filesystem::create_directory(folder_ + name);
  }
  std::ofstream file(folder_ + "/ini/http-cases.ini");
  file << kSmallLimits << "upload_tmp_dir = " << folder_ << "/uploads\n"
       << "session.save_path = " << folder_ << "/sessions\n";
  if (settings != Settings::kSmallLimits) {
    file << kUnusual << (settings == Settings::kFlushed ? "implicit_flush = on\n" : "")
         << "auto_append_file = " << testing::source_path("tests/fixtures/http/append.php") << "\n";
  }
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::map<std::string, std::string> Scratch::environment() const {
  // With nothing before the colon, Debian's own folder is read first.
  return {{"PHP_INI_SCAN_DIR", ":" + folder_ + "/ini"}, {"APP_NAME", "shop"}};
}

int Scratch::uploads_left() const {
  const std::filesystem::directory_iterator files(folder_ + "/uploads");
  return static_cast<int>(std::distance(begin(files), end(files)));
}

void Scratch::remove_uploads() const {
  for (const auto& file : std::filesystem::directory_iterator(folder_ + "/uploads")) {
    std::filesystem::remove(file.path());
  }
}

testing::ReferenceOptions reference_options(const Scratch& scratch, Application application) {
  const std::string root = testing::source_path("tests/fixtures/http");
  return {root + "/" + folder_of(application),
          scratch.environment(),
          {{"auto_prepend_file", root + "/preboot.php"}}};
}

testing::RuntimeOptions runtime_options(const Scratch& scratch, const Arrangement& arrangement,
                                        const std::string& strategy) {
  testing::RuntimeOptions options;
  options.handler = folder_of(arrangement.application) + "/index.php";
  options.strategy = strategy;
  options.task_root = testing::source_path("tests/fixtures/http");
  options.environment = scratch.environment();
  options.environment["PHORK_PREBOOT"] = "preboot.php";
  if (arrangement.application == Application::kScripts) {
    options.environment["PHORK_ROUTE"] = "files";
  }
  if (arrangement.delivery == Delivery::kStreamed) options.environment["PHORK_RESPONSE"] = "stream";
  return options;
}

std::vector<std::string> strategies_under_test() {
  const char* const told = std::getenv("PHORK_TEST_STRATEGY");
  return told == nullptr ? testing::all_strategies() : std::vector<std::string>{told};
}

}  // namespace phork::http_suite
