// SPDX-License-Identifier: MIT
#include "php-worker/sapi/exchange.h"

#include <algorithm>

namespace phork::sapi {

const char* Exchange::variable(std::string_view name) const {
  const auto found = std::ranges::find(variables, name, &event::NameValue::name);
  return found == variables.end() ? "" : found->value.c_str();
}

Exchange& current_exchange() {
  static Exchange exchange;
  return exchange;
}

}  // namespace phork::sapi
