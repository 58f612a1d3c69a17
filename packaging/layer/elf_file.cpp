// SPDX-License-Identifier: MIT
#include "packaging/layer/elf_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <memory>
#include <system_error>

#include "runtime/base/fd.h"

namespace phork::packaging {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

using Elf_ = std::unique_ptr<Elf, decltype(&::elf_end)>;

constexpr std::array<Architecture, 2> kArchitectures{{
    {"amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2", EM_X86_64},
    {"arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1", EM_AARCH64},
}};

Error no_elf(const std::filesystem::path& file) {
  return {ErrorKind::kInvalid,
          "packaging: read '" + file.string() + "': expected a program or shared library (ELF)"};
}

void read_dynamic(Elf* elf, Elf_Scn* section, const GElf_Shdr& header, ElfFile& file) {
  Elf_Data* const data = ::elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return;
  const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
  for (int i = 0; i < count; ++i) {
    GElf_Dyn entry{};
    if (::gelf_getdyn(data, i, &entry) == nullptr) return;
    if (entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH) file.has_search_path = true;
    if (entry.d_tag != DT_NEEDED) continue;
    const char* const name = ::elf_strptr(elf, header.sh_link, entry.d_un.d_val);
    if (name != nullptr) file.needed.emplace_back(name);
  }
}

}  // namespace

Result<Architecture> find_architecture(std::string_view name) {
  std::string names;
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.name == name) return architecture;
    names.append(names.empty() ? "" : " or ").append(architecture.name);
  }
  return Error{ErrorKind::kInvalid,
               "packaging: read --arch: expected " + names + ", got '" + std::string(name) + "'"};
}

Result<ElfFile> read_elf(const std::filesystem::path& file) {
  ::elf_version(EV_CURRENT);
  const base::Fd descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.valid()) {
    return Error{ErrorKind::kInvalid, "packaging: read '" + file.string() +
                                          "': expected a program or shared library: " +
                                          std::generic_category().message(errno)};
  }
  const Elf_ elf(::elf_begin(descriptor.get(), ELF_C_READ, nullptr), ::elf_end);
  GElf_Ehdr header{};
  if (elf == nullptr || ::gelf_getehdr(elf.get(), &header) == nullptr) return no_elf(file);
  ElfFile result;
  result.machine = header.e_machine;
  Elf_Scn* section = nullptr;
  while ((section = ::elf_nextscn(elf.get(), section)) != nullptr) {
    GElf_Shdr found{};
    if (::gelf_getshdr(section, &found) != nullptr && found.sh_type == SHT_DYNAMIC) {
      read_dynamic(elf.get(), section, found, result);
    }
  }
  return result;
}

Result<Architecture> architecture_of(const std::filesystem::path& file) {
  const auto elf = read_elf(file);
  if (!elf) return elf.error();
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.machine == elf->machine) return architecture;
  }
  return Error{ErrorKind::kInvalid,
               "packaging: read '" + file.string() +
                   "': expected a program for amd64 or arm64, got ELF machine " +
                   std::to_string(elf->machine)};
}

}  // namespace phork::packaging
