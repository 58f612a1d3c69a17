// SPDX-License-Identifier: MIT
#include "strategies/fpm/entry_kind.h"

#include <chrono>
#include <string>
#include <utility>

#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {

using base::EntryKind;
using base::Error;
using base::ErrorKind;
using base::Result;

Result<EntryKind> find_entry_kind(const Settings& settings) {
  if (!settings.entry_function.empty()) return EntryKind::kHandler;
  if (settings.entry_kind != EntryKind::kAuto) return settings.entry_kind;
  process::SpawnOptions options;
  options.program = settings.worker_path;
  options.arguments = {"php-worker", "--entry-kind"};
  options.environment = process::current_environment();
  const auto output =
      process::run_to_end(std::move(options), settings.boot_timeout, process::ErrorStream::kOurs);
  if (!output) return output.error();
  const std::string_view word = base::trim(output->text, "\n");
  const auto kind = base::parse(base::settings::kEntry, word);
  if (kind && kind.value() != EntryKind::kAuto) return kind.value();
  return Error{ErrorKind::kInvalid,
               "strategies: ask php-worker what the entry is: expected handler or script, got " +
                   std::to_string(word.size()) + " bytes"};
}

}  // namespace phork::strategies
