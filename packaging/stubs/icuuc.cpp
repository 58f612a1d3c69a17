// SPDX-License-Identifier: MIT
//
// In the place of libicuuc, which needs 30 MB of data. libxml2 asks it for encodings that iconv
// does not know: https://gitlab.gnome.org/GNOME/libxml2/-/blob/v2.9.14/encoding.c openIcuConverter.
// ICU's names carry its version, PHORK_ICU_VERSION.
#include "packaging/stubs/library.h"

#define PHORK_JOIN(name, version) name##_##version
#define PHORK_VERSIONED(name, version) PHORK_JOIN(name, version)
#define PHORK_ICU(name) PHORK_VERSIONED(name, PHORK_ICU_VERSION)

namespace {

constexpr int kNoData = 2;  // U_MISSING_RESOURCE_ERROR

}  // namespace

extern "C" __attribute__((visibility("default"))) void* PHORK_ICU(ucnv_open)(const char* name,
                                                                             int* status);

extern "C" void* PHORK_ICU(ucnv_open)(const char* /*name*/, int* status) {
  *status = kNoData;
  return nullptr;
}

PHORK_RETURNS_NULL(PHORK_ICU(ucnv_close))
PHORK_RETURNS_NULL(PHORK_ICU(ucnv_convertEx))
PHORK_RETURNS_NULL(PHORK_ICU(ucnv_setFromUCallBack))
PHORK_RETURNS_NULL(PHORK_ICU(ucnv_setToUCallBack))
PHORK_RETURNS_NULL(PHORK_ICU(UCNV_FROM_U_CALLBACK_STOP))
PHORK_RETURNS_NULL(PHORK_ICU(UCNV_TO_U_CALLBACK_STOP))
