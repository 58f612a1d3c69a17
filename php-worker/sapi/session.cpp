// SPDX-License-Identifier: MIT
#include "php-worker/sapi/session.h"

#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {

NoAutoStart::NoAutoStart() : told_(PS(auto_start)) {
  PS(auto_start) = false;
}

NoAutoStart::~NoAutoStart() {
  PS(auto_start) = told_;
}

void begin_session() {
  if (PS(auto_start)) php_session_start();
}

void write_session() {
  php_session_flush(1);
}

void forget_session() {
  if (PS(id) != nullptr) zend_string_release(PS(id));
  PS(id) = nullptr;
  if (!Z_ISUNDEF(PS(http_session_vars))) zval_ptr_dtor(&PS(http_session_vars));
  ZVAL_UNDEF(&PS(http_session_vars));
  if (PS(session_vars) != nullptr) zend_string_release(PS(session_vars));
  PS(session_vars) = nullptr;
  PS(session_status) = php_session_none;
}

}  // namespace phork::sapi
