// SPDX-License-Identifier: MIT
#include "cli/init.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/lambda/project_file.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Status;

constexpr const char* kSymfonyEntry = R"(<?php

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

// phork boots the kernel once, and hands it every request.
return new App\Kernel('prod', false);
)";

constexpr const char* kLaravelEntry = R"(<?php

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

// phork bootstraps the application once, and hands it every request.
return require __DIR__ . '/bootstrap/app.php';
)";

constexpr const char* kFunction = R"(<?php

declare(strict_types=1);

return function (array $event, Phork\Context $context): array {
    return ['greeting' => 'Hello, ' . ($event['name'] ?? 'you') . '!'];
};
)";

constexpr const char* kScript = R"(<?php

declare(strict_types=1);

echo '<h1>Hello, ', htmlspecialchars($_GET['name'] ?? 'you'), '!</h1>';
)";

struct File {
  std::string name;
  std::string text;
};

bool has(const fs::path& folder, const char* name) {
  std::error_code ignored;
  return fs::exists(folder / name, ignored);
}

std::string find_kind(const fs::path& folder) {
  if (has(folder, "artisan")) return "laravel";
  if (has(folder, "src/Kernel.php")) return "symfony";
  return has(folder, "index.php") || has(folder, "public/index.php") ? "script" : "function";
}

File project_of(const std::string& handler, bool serves_pages) {
  std::string text = "{\n    \"handler\": \"" + handler + "\",\n    \"strategy\": \"fork\"";
  if (serves_pages) text += ",\n    \"warmup\": [\"GET /\"]";
  return {lambda::kProjectFile, text + "\n}\n"};
}

std::vector<File> files_of(const std::string& kind, const fs::path& folder) {
  if (kind == "symfony") return {{"phork.php", kSymfonyEntry}, project_of("phork.php", true)};
  if (kind == "laravel") return {{"phork.php", kLaravelEntry}, project_of("phork.php", true)};
  if (kind == "function") return {{"index.php", kFunction}, project_of("index.php", false)};
  const std::string page = has(folder, "index.php") ? "index.php" : "public/index.php";
  return {{page, kScript}, project_of(page, true)};
}

base::Error cannot_write(const fs::path& path, int code) {
  return invalid("write", path.string(), std::generic_category().message(code));
}

// True when the file was written, false when there is one already.
Result<bool> write_new(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return cannot_write(path.parent_path(), error.value());
  constexpr mode_t kMode = 0644;
  const base::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  if (!file.valid() && errno == EEXIST) return false;
  if (!file.valid()) return cannot_write(path, errno);
  std::array<iovec, 1> parts{base::as_iovec(text)};
  if (!base::write_all(file.get(), parts)) {
    const int code = errno;
    ::unlink(path.c_str());
    return cannot_write(path, code);
  }
  return true;
}

Status write_files(const InitOptions& options) {
  const fs::path folder(options.directory);
  const std::string kind = options.kind.empty() ? find_kind(folder) : options.kind;
  for (const File& file : files_of(kind, folder)) {
    const Result<bool> written = write_new(folder / file.name, file.text);
    if (!written) return written.error();
    std::cout << (written.value() ? "wrote " : "kept ") << (folder / file.name).string() << '\n';
  }
  std::cout << "next: phork serve " << options.directory << std::endl;
  return base::ok_status();
}

}  // namespace

void InitOptions::add_to(CLI::App& command) {
  command
      .add_option("KIND", kind,
                  "symfony, laravel, function (a handler of events) or script (pages); by default "
                  "as the files in DIR say")
      ->check(CLI::IsMember({"symfony", "laravel", "function", "script"}));
  command.add_option("DIR", directory, "Folder of the project, made if it is missing")
      ->capture_default_str();
  command.footer("Writes an entry and phork.json where they are missing, and overwrites nothing.");
}

ExitCode init(const InitOptions& options) {
  const Status written = write_files(options);
  return written ? kOk : refuse(written.error());
}

}  // namespace phork::cli
