// SPDX-License-Identifier: MIT
//
// While it lives PHP reports no error, and an error handler of the user's is not called: for work
// of the zygote's own that may go wrong without anybody being told. It may not be held across a
// bailout (bailout.h), only around `guarded`.
#pragma once

#include <utility>

#include "php-worker/sapi/php_headers.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

class Silence : private base::Pinned {
 public:
  Silence() : error_reporting_(std::exchange(EG(error_reporting), 0)) {
    ZVAL_COPY_VALUE(&error_handler_, &EG(user_error_handler));
    ZVAL_UNDEF(&EG(user_error_handler));
  }

  ~Silence() {
    ZVAL_COPY_VALUE(&EG(user_error_handler), &error_handler_);
    EG(error_reporting) = error_reporting_;
  }

 private:
  const int error_reporting_;
  zval error_handler_;
};

}  // namespace phork::sapi
