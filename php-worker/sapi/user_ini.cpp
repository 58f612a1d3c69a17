// SPDX-License-Identifier: MIT
#include "php-worker/sapi/user_ini.h"

#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {
namespace {

// The settings stay until PHP's request ends; with a forked event, until the process does.
void apply_file(const std::string& folder) {
  const char* const name = PG(user_ini_filename);
  if (::access((folder + "/" + name).c_str(), R_OK) != 0) return;
  HashTable settings;
  zend_hash_init(&settings, 8, nullptr, config_zval_dtor, true);
  php_parse_user_ini_file(folder.c_str(), name, &settings);
  php_ini_activate_config(&settings, PHP_INI_PERDIR, PHP_INI_STAGE_HTACCESS);
  zend_hash_destroy(&settings);
}

}  // namespace

int apply_user_ini() {
  const Exchange& exchange = current_exchange();
  const std::string_view script = exchange.variable("SCRIPT_FILENAME");
  if (script.empty() || PG(user_ini_filename) == nullptr || *PG(user_ini_filename) == '\0') {
    return SUCCESS;
  }
  const std::string folder(script.substr(0, script.rfind('/')));
  const std::string_view root = exchange.variable("DOCUMENT_ROOT");
  const bool below = folder.starts_with(root) && folder.size() > root.size() &&
                     (root.ends_with('/') || folder[root.size()] == '/');
  // Each folder from the root on; of a script elsewhere, its own.
  for (std::size_t end = below ? root.size() : folder.size(); end < folder.size();
       end = folder.find('/', end + 1)) {
    apply_file(folder.substr(0, end));
  }
  apply_file(folder);
  return SUCCESS;
}

}  // namespace phork::sapi
