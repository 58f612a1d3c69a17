// SPDX-License-Identifier: MIT
//
// PHP's extensions of a system, as Debian packages them: php8.2-mysql brings the modules mysqlnd,
// mysqli and pdo_mysql, and an ini file for each. A person names the group (`mysql`) or one module.
#pragma once

#include <string>
#include <vector>

#include "packaging/layer/system_root.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// The PHP that php-worker is linked against.
struct PhpBuild {
  std::string version;           // "8.2"
  std::string library;           // the name that php-worker asks for: "libphp.so"
  std::string library_path;      // "/usr/lib/libphp8.2.so"
  std::string extension_folder;  // "/usr/lib/php/20220829"
};

struct Extension {
  std::string name;      // "pdo_mysql"
  std::string group;     // "mysql"
  std::string file;      // "/usr/lib/php/20220829/pdo_mysql.so"
  std::string ini;       // text of its ini file
  std::string ini_name;  // "20-pdo_mysql.ini"
};

struct ExtensionChoice {
  std::vector<std::string> with;
  std::vector<std::string> without;
};

// The word that stands for php-fpm among extensions, which it is not.
inline constexpr const char* kFpm = "fpm";

// Reads which PHP `php_worker` was built for. kInvalid when it is no php-worker of this version of
// phork, or when `root` does not have that PHP.
base::Result<PhpBuild> find_php(const SystemRoot& root, const std::filesystem::path& php_worker);

// The default groups and what `choice` adds, without what it takes away, and what those need;
// sorted by the names of their ini files, the order in which PHP loads them. kInvalid for a name
// that the system does not have, with the package that to install.
base::Result<std::vector<Extension>> choose_extensions(const SystemRoot& root, const PhpBuild& php,
                                                       const ExtensionChoice& choice);

}  // namespace phork::packaging
