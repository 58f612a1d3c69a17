// SPDX-License-Identifier: MIT
#include "php-worker/sapi/module_requests.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "php-worker/sapi/php.h"

namespace phork::sapi {
namespace {

// See docs/event-transition.md, in the same order.
constexpr auto kOfProcess = std::to_array<std::string_view>({
    "standard", "spl",  "date",  "session",  "random",  "zend opcache",  "mbstring", "intl",
    "libxml",   "pcre", "pcntl", "readline", "phar",    "ffi",           "mysqli",   "pgsql",
    "odbc",     "oci8", "ev",    "uv",       "mongodb", "opentelemetry", "protobuf",
});

constexpr std::string_view kOpcache = "Zend OPcache";

struct Requests {
  std::vector<zend_module_entry*> modules;  // in PHP's order
  std::vector<zend_extension*> extensions;
  std::size_t started = 0;    // of `modules`, from the first
  std::size_t activated = 0;  // the same of those that are to be deactivated
  bool extensions_active = false;
};

bool takes_part(const zend_string* name, const zend_module_entry& module) {
  if (std::ranges::find(kOfProcess, std::string_view(ZSTR_VAL(name), ZSTR_LEN(name))) !=
      kOfProcess.end()) {
    return false;
  }
  return module.request_startup_func != nullptr || module.request_shutdown_func != nullptr ||
         module.post_deactivate_func != nullptr;
}

Requests find_all() {
  Requests found;
  zend_string* name = nullptr;
  void* entry = nullptr;
  ZEND_HASH_FOREACH_STR_KEY_PTR(&module_registry, name, entry) {
    auto* const module = static_cast<zend_module_entry*>(entry);
    if (takes_part(name, *module)) found.modules.push_back(module);
  }
  ZEND_HASH_FOREACH_END();
  for (zend_llist_element* element = zend_extensions.head; element != nullptr;
       element = element->next) {
    auto* const extension = reinterpret_cast<zend_extension*>(element->data);
    const bool has_part = extension->activate != nullptr || extension->deactivate != nullptr;
    if (has_part && extension->name != kOpcache) found.extensions.push_back(extension);
  }
  return found;
}

// Made when PHP has loaded its extensions, so that an event does not search.
Requests& requests() {
  static Requests all = find_all();
  return all;
}

zend_string* debugger_setting() {
  constexpr std::string_view kName = "xdebug.start_with_request";
  return zend_string_init(kName.data(), kName.size(), false);
}

// The next ones are owed even when this one bails out.
template <typename F>
void run_step(F&& step) {
  if (!guarded(step)) CG(unclean_shutdown) = 0;
}

}  // namespace

void modules_were_started() {
  Requests& all = requests();
  all.extensions_active = true;
  all.started = all.modules.size();
  all.activated = all.started;
}

void activate_zend_extensions() {
  requests().extensions_active = true;
  for (zend_extension* const extension : requests().extensions) {
    if (extension->activate != nullptr) extension->activate();
  }
}

void start_modules() {
  Requests& all = requests();
  while (all.started < all.modules.size()) {
    zend_module_entry& module = *all.modules[all.started];
    all.activated = ++all.started;
    if (module.request_startup_func == nullptr ||
        module.request_startup_func(module.type, module.module_number) == SUCCESS) {
      continue;
    }
    zend_error_noreturn(E_ERROR, "the extension %s could not start its request", module.name);
  }
}

void shut_down_modules() {
  Requests& all = requests();
  while (all.started > 0) {
    zend_module_entry* const module = all.modules[--all.started];
    if (module->request_shutdown_func == nullptr) continue;
    run_step([module] { module->request_shutdown_func(module->type, module->module_number); });
  }
}

void deactivate_modules() {
  Requests& all = requests();
  if (all.extensions_active) {
    all.extensions_active = false;
    for (zend_extension* const extension : all.extensions) {
      if (extension->deactivate != nullptr) run_step([extension] { extension->deactivate(); });
    }
  }
  while (all.activated > 0) {
    const zend_module_entry* const module = all.modules[--all.activated];
    if (module->post_deactivate_func == nullptr) continue;
    run_step([module] { module->post_deactivate_func(); });
  }
}

void start_modules_for_shutdown() {
  if (!requests().extensions_active) activate_zend_extensions();
  start_modules();
  // PHP ends them.
  Requests& all = requests();
  all.extensions_active = false;
  all.started = 0;
  all.activated = 0;
}

void hold_debugger() {
  zend_string* const name = debugger_setting();
  // Does nothing where Xdebug is not loaded.
  zend_alter_ini_entry_chars(name, "no", 2, ZEND_INI_SYSTEM, ZEND_INI_STAGE_HTACCESS);
  zend_string_release(name);
}

void release_debugger() {
  zend_string* const name = debugger_setting();
  zend_restore_ini_entry(name, ZEND_INI_STAGE_HTACCESS);
  zend_string_release(name);
}

}  // namespace phork::sapi
