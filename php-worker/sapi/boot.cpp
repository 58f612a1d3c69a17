// SPDX-License-Identifier: MIT
#include "php-worker/sapi/boot.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/entry_kind.h"
#include "php-worker/sapi/rehearsal.h"
#include "php-worker/sapi/request.h"

namespace phork::sapi {
namespace {

const auto kStarted = std::chrono::steady_clock::now();

// Our PHP files: beside the program as in the layer, else where they were built from.
std::string library_folder() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto beside = program.parent_path() / "php";
  return std::filesystem::is_directory(beside, ignored) ? beside.string() : PHORK_PHP_FOLDER;
}

}  // namespace

std::optional<base::Failure> boot(Booted& booted, char* executable, Warmup warmup) {
  auto site = find_site();
  if (!site) return base::Failure{"Runtime.HandlerNotFound", site.error().text, {}};
  booted.site = std::move(site).value();
  if (const auto started = start_php(executable); !started) {
    return base::Failure{"Runtime.PhpFatal", started.error().text, {}};
  }
  if (booted.site.kind == base::EntryKind::kAuto) {
    booted.site.kind = detect_entry_kind(booted.site.files.entry_file);
  }
  if (auto failure = boot_again(booted)) return failure;
  if (warmup == Warmup::kSkipped) return std::nullopt;
  return rehearse(booted.application, booted.site, variable("PHORK_WARMUP"));
}

std::optional<base::Failure> boot_again(Booted& booted) {
  if (auto failure = booted.application.boot(booted.site, library_folder())) return failure;
  close_boot();
  return std::nullopt;
}

wire::Ready ready_message(const Application& application, std::uint32_t generation) {
  const auto spent = std::chrono::steady_clock::now() - kStarted;
  return {application.serves(), generation,
          static_cast<std::uint64_t>(
              std::chrono::duration_cast<std::chrono::microseconds>(spent).count())};
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace phork::sapi
