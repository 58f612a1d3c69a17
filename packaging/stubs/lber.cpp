// SPDX-License-Identifier: MIT
//
// In the place of liblber, a part of LDAP (ldap.cpp).
#include "packaging/stubs/library.h"

PHORK_RETURNS_NULL(ber_bvfree)
PHORK_RETURNS_NULL(ber_free)
PHORK_RETURNS_NULL(ber_memfree)
PHORK_RETURNS_NULL(ber_memvfree)
PHORK_FAILS(ber_sockbuf_add_io)
