// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/compiled_patterns.h"

#include "php-worker/sapi/php.h"

namespace phork::sapi {
namespace {

// True when opcache keeps `text` for all processes. PHP uses such a text itself as the key in its
// list, and copies all others: https://bugs.php.net/63180.
bool is_literal(const zend_string* text) {
  return ZSTR_IS_INTERNED(text) && (GC_FLAGS(text) & IS_STR_PERMANENT) != 0;
}

// With a locale set, it is part of the key and cannot be told from the pattern.
bool has_locale() {
  return BG(ctype_string) != nullptr;
}

}  // namespace

std::uint32_t count_patterns() {
  return PCRE_G(pcre_cache).nNumUsed;
}

std::vector<std::string_view> patterns_since(std::uint32_t from, Patterns which) {
  std::vector<std::string_view> patterns;
  const HashTable& known = PCRE_G(pcre_cache);
  for (std::uint32_t i = from; i < known.nNumUsed; ++i) {
    const Bucket& bucket = known.arData[i];
    if (Z_TYPE(bucket.val) == IS_UNDEF || bucket.key == nullptr) continue;
    if (!is_literal(bucket.key) && (which == Patterns::kLiterals || has_locale())) continue;
    patterns.emplace_back(ZSTR_VAL(bucket.key), ZSTR_LEN(bucket.key));
  }
  return patterns;
}

bool compile_pattern(const std::string& pattern, Patterns which) {
  if (has_locale()) return false;
  const Silence silence;
  zend_string* text = zend_string_init(pattern.data(), pattern.size(), false);
  if (which == Patterns::kLiterals) text = zend_new_interned_string(text);
  bool done = false;
  if (which == Patterns::kAll || is_literal(text)) {
    bool* const result = &done;
    const bool completed =
        guarded([text, result] { *result = pcre_get_compiled_regex_cache(text) != nullptr; });
    if (!completed) CG(unclean_shutdown) = 0;
  }
  zend_string_release(text);
  return done;
}

}  // namespace phork::sapi
