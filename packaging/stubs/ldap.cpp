// SPDX-License-Identifier: MIT
//
// In the place of libldap, which brings GnuTLS and what that needs: 5 MB. libcurl uses it for
// ldap:// URLs, libpq to look up parameters of connections. Here no such URL can be parsed, and no
// connection is made.
#include "packaging/stubs/library.h"

extern "C" __attribute__((visibility("default"))) const char* ldap_err2string(int code);

extern "C" const char* ldap_err2string(int /*code*/) {
  return "this layer has no LDAP: make it with --with ldap";
}

PHORK_FAILS(ldap_abandon_ext)
PHORK_FAILS(ldap_count_entries)
PHORK_RETURNS_NULL(ldap_first_entry)
PHORK_RETURNS_NULL(ldap_free_urldesc)
PHORK_FAILS(ldap_get_attribute_ber)
PHORK_FAILS(ldap_get_dn_ber)
PHORK_FAILS(ldap_get_option)
PHORK_RETURNS_NULL(ldap_get_values_len)
PHORK_RETURNS_NULL(ldap_init)
PHORK_FAILS(ldap_init_fd)
PHORK_RETURNS_NULL(ldap_memfree)
PHORK_RETURNS_NULL(ldap_msgfree)
PHORK_FAILS(ldap_msgtype)
PHORK_FAILS(ldap_parse_result)
PHORK_FAILS(ldap_parse_sasl_bind_result)
PHORK_FAILS(ldap_pvt_url_scheme2proto)
PHORK_FAILS(ldap_result)
PHORK_FAILS(ldap_sasl_bind)
PHORK_FAILS(ldap_search_ext)
PHORK_FAILS(ldap_search_st)
PHORK_FAILS(ldap_set_option)
PHORK_FAILS(ldap_simple_bind)
PHORK_FAILS(ldap_start_tls)
PHORK_FAILS(ldap_unbind)
PHORK_FAILS(ldap_unbind_ext)
PHORK_FAILS(ldap_url_parse)
PHORK_RETURNS_NULL(ldap_value_free_len)
