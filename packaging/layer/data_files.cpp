// SPDX-License-Identifier: MIT
#include "packaging/layer/data_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "packaging/layer/compiled_paths.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

// glibc's modules for the encodings of the WHATWG's list, which is what the web and mail use, and a
// few beside it: https://encoding.spec.whatwg.org/#names-and-labels
constexpr std::array kConversions{
    "BIG5",       "CP1250",     "CP1251",     "CP1252",      "CP1253",    "CP1254",
    "CP1255",     "CP1256",     "CP1257",     "CP1258",      "CP932",     "EUC-CN",
    "EUC-JP",     "EUC-JP-MS",  "EUC-KR",     "GB18030",     "GBK",       "IBM437",
    "IBM850",     "IBM852",     "IBM866",     "ISO-2022-JP", "ISO8859-1", "ISO8859-10",
    "ISO8859-13", "ISO8859-14", "ISO8859-15", "ISO8859-16",  "ISO8859-2", "ISO8859-3",
    "ISO8859-4",  "ISO8859-5",  "ISO8859-6",  "ISO8859-7",   "ISO8859-8", "ISO8859-9",
    "KOI8-R",     "KOI8-U",     "MACINTOSH",  "SJIS",        "TIS-620",   "UHC",
    "UNICODE",    "UTF-16",     "UTF-32",     "UTF-7",       "libGB",     "libJIS",
    "libKSC"};
constexpr const char* kCertificates = "etc/ca-certificates.crt";
constexpr const char* kLicences = "/usr/share/common-licenses";

// Adds one file. The name of the component comes last, as it is the same for many.
base::Status add(const SystemRoot& root, const std::string& from, const std::string& to,
                 const std::string& component, std::vector<Entry>& entries) {
  auto entry = root.take(from);
  if (!entry) return entry.error();
  entry->path = layer_path(to);
  entry->component = component;
  entries.push_back(std::move(entry).value());
  return base::ok_status();
}

Entry text_file(const std::string& to, std::string text, const std::string& component) {
  Entry entry;
  entry.path = layer_path(to);
  entry.content = std::move(text);
  entry.component = component;
  return entry;
}

Entry link(const std::string& from, const std::string& to, const std::string& component) {
  Entry entry = text_file(from, to, component);
  entry.is_link = true;
  return entry;
}

base::Status add_conversions(const SystemRoot& root, const PhpBuild& php,
                             std::vector<Entry>& entries) {
  const std::string folder = "/usr/lib/" + std::string(root.architecture().triplet) + "/gconv/";
  for (const char* name : kConversions) {
    const std::string file = std::string(name) + ".so";
    if (auto added = add(root, folder + file, "lib/gconv/" + file, "conversions", entries);
        !added) {
      return added;
    }
  }
  // The list of all modules; glibc passes over those that are not there.
  const std::string list = "gconv-modules.cache";
  if (auto added = add(root, folder + list, "lib/gconv/" + list, "conversions", entries); !added) {
    return added;
  }
  return replace_paths(entries.back().content, list,
                       compiled_paths(list, php, root.architecture()));
}

// As /etc/ssl/certs/ca-certificates.crt, but without certificates of the local administrator.
base::Status add_certificates(const SystemRoot& root, std::vector<Entry>& entries) {
  const std::string folder = "/usr/share/ca-certificates/mozilla";
  Entry bundle = text_file(kCertificates, "", "certificates");
  for (const std::string& name : root.list(folder)) {
    auto certificate = root.take(fs::path(folder) / name);
    if (!certificate) return certificate.error();
    bundle.content += certificate->content;
    bundle.origin = std::move(certificate->origin);
    bundle.origin.file = folder;
  }
  if (bundle.content.empty()) {
    return Error{ErrorKind::kInvalid, "packaging: take certificates from '" +
                                          root.folder().string() +
                                          "': none there: apt install ca-certificates"};
  }
  entries.push_back(std::move(bundle));
  entries.push_back(link("cert.pem", kCertificates, "certificates"));
  const std::string modules = "/usr/lib/" + std::string(root.architecture().triplet);
  if (auto added = add(root, modules + "/ossl-modules/legacy.so", "lib/ossl-modules/legacy.so",
                       "libraries", entries);
      !added) {
    return added;
  }
  return add(root, "/etc/ssl/openssl.cnf", "openssl.cnf", "settings", entries);
}

// The file with the licence of a package. Its folder may be a link to that of another package.
std::string licence_file(const SystemRoot& root, const std::string& package) {
  std::string file = "/usr/share/doc/" + package + "/copyright";
  return root.find(file).empty() ? std::string() : file;
}

// Texts that licences only name, as they are everywhere in Debian.
base::Status add_common_licences(const SystemRoot& root, const std::vector<std::string>& texts,
                                 std::vector<Entry>& entries) {
  for (const std::string& name : root.list(kLicences)) {
    const std::string path = std::string(kLicences) + "/" + name;
    const auto names_it = [&path](const std::string& text) {
      const std::size_t at = text.find(path);
      if (at == std::string::npos) return false;
      // GPL-2 is not named by GPL-2.1.
      const std::size_t end = at + path.size();
      return end == text.size() || (text[end] != '.' || text.compare(end, 2, ".\n") == 0);
    };
    if (std::ranges::none_of(texts, names_it)) continue;
    if (auto added = add(root, path, "licenses/common/" + name, "licences", entries); !added) {
      return added;
    }
  }
  return base::ok_status();
}

}  // namespace

std::string layer_path(const std::string& path) {
  return "phork/" + path;
}

base::Status add_folder(const SystemRoot& root, const std::string& from, const std::string& to,
                        const std::string& component, const std::vector<std::string>& skipped,
                        std::vector<Entry>& entries) {
  const fs::path folder = root.find(from);
  if (folder.empty()) {
    return Error{ErrorKind::kInvalid, "packaging: take '" + from + "' from '" +
                                          root.folder().string() + "': no such folder"};
  }
  std::error_code error;
  auto at = fs::recursive_directory_iterator(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().lexically_relative(folder).string();
    if (std::ranges::find(skipped, name) != skipped.end()) {
      at.disable_recursion_pending();
    } else if (at->is_symlink()) {
      const fs::path target = fs::read_symlink(at->path(), error);
      entries.push_back(link(fs::path(to) / name, target.string(), component));
    } else if (!at->is_directory()) {
      const std::string path = fs::path(from) / name;
      auto added = add(root, path, fs::path(to) / name, component, entries);
      if (!added) return added;
    }
  }
  if (error) return base::system_error("packaging: read '" + folder.string() + "'", error.value());
  return base::ok_status();
}

base::Status add_data_files(const SystemRoot& root, const PhpBuild& php,
                            std::vector<Entry>& entries) {
  if (auto added = add_conversions(root, php, entries); !added) return added;
  if (auto added = add_certificates(root, entries); !added) return added;
  if (auto added =
          add_folder(root, "/usr/lib/locale/C.utf8", "lib/C.utf8", "locale C.UTF-8", {}, entries);
      !added) {
    return added;
  }
  // Zones with leap seconds, copies, and the zone of the machine.
  return add_folder(root, "/usr/share/zoneinfo", "zoneinfo", "time zones",
                    {"right", "posix", "localtime"}, entries);
}

base::Status add_settings(const SystemRoot& root, const PhpBuild& php,
                          const std::vector<Extension>& extensions, std::vector<Entry>& entries) {
  if (auto added = add(root, "/usr/lib/php/" + php.version + "/php.ini-production", "etc/php.ini",
                       "settings", entries);
      !added) {
    return added;
  }
  const std::string bundle = std::string(kLayerFolder) + "/" + kCertificates;
  entries.push_back(text_file("etc/conf.d/00-certificates.ini",
                              "; The layer brings its own: the system's are elsewhere in each.\n"
                              "openssl.cafile=" +
                                  bundle + "\ncurl.cainfo=" + bundle + "\n",
                              "settings"));
  for (const Extension& extension : extensions) {
    entries.push_back(text_file("etc/conf.d/" + extension.ini_name, extension.ini, "settings"));
  }
  return base::ok_status();
}

base::Status add_licences(const SystemRoot& root, std::vector<Entry>& entries) {
  std::set<std::string> packages;
  for (const Entry& entry : entries) packages.insert(entry.origin.package);
  packages.erase("");
  std::map<std::string, std::string> names;  // by text
  std::vector<std::string> texts;
  for (const std::string& name : packages) {
    const std::string file = licence_file(root, name);
    if (file.empty()) continue;
    auto entry = root.take(file);
    if (!entry) return entry.error();
    // All packages of one source have one text, or nearly all.
    const std::string& source = root.package(name)->source;
    const bool is_known = !names.emplace(entry->content, name).second;
    if (is_known) continue;
    texts.push_back(entry->content);
    const std::string to = layer_path("licenses/" + source);
    const bool is_taken =
        std::ranges::any_of(entries, [&to](const Entry& other) { return other.path == to; });
    entry->path = is_taken ? layer_path("licenses/" + name) : to;
    entry->component = "licences";
    entries.push_back(std::move(entry).value());
  }
  return add_common_licences(root, texts, entries);
}

}  // namespace phork::packaging
