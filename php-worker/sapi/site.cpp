// SPDX-License-Identifier: MIT
#include "php-worker/sapi/site.h"

#include <cstdlib>
#include <utility>

#include "runtime/lambda/handler_path.h"

namespace phork::sapi {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

base::Result<Site> find_site() {
  const std::string root = variable("LAMBDA_TASK_ROOT");
  auto entry = lambda::resolve_handler(variable("_HANDLER"), root);
  if (!entry) return std::move(entry).error();
  auto preboot = lambda::resolve_preboot(variable("PHORK_PREBOOT"), root);
  if (!preboot) return std::move(preboot).error();
  Site site;
  const auto route = http::parse_route(variable("PHORK_ROUTE"));
  site.files = http::site_of(entry->file, route.value_or(http::Route::kEntry));
  site.entry_function = std::move(entry->function);
  site.preboot_file = std::move(preboot).value();
  site.kind = event::parse_entry_kind(variable("PHORK_ENTRY")).value_or(event::EntryKind::kAuto);
  // A function is something to call, wherever it is.
  if (!site.entry_function.empty()) site.kind = event::EntryKind::kHandler;
  return site;
}

}  // namespace phork::sapi
