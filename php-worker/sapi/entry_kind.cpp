// SPDX-License-Identifier: MIT
#include "php-worker/sapi/entry_kind.h"

#include <cstdint>
#include <fstream>
#include <iterator>

#include "php-worker/sapi/bailout.h"

namespace phork::sapi {
namespace {

using base::EntryKind;

bool is_named(zend_ast* constant, const char* word) {
  zend_ast* const name = constant->child[0];
  return name->kind == ZEND_AST_ZVAL && Z_TYPE_P(zend_ast_get_zval(name)) == IS_STRING &&
         strcasecmp(Z_STRVAL_P(zend_ast_get_zval(name)), word) == 0;
}

// A value that a script may return: none, null, a bool or an int.
bool is_status(zend_ast* value) {
  if (value == nullptr) return true;
  switch (value->kind) {
    case ZEND_AST_ZVAL:
      return Z_TYPE_P(zend_ast_get_zval(value)) <= IS_LONG;
    case ZEND_AST_CONST:
      return is_named(value, "null") || is_named(value, "true") || is_named(value, "false");
    case ZEND_AST_UNARY_MINUS:
    case ZEND_AST_UNARY_PLUS:
      return is_status(value->child[0]);
    default:
      return false;
  }
}

// Functions and classes are "special" nodes, and a `return` in them is not the file's.
bool returns_value(zend_ast* node) {
  if (node == nullptr || zend_ast_is_special(node)) return false;
  if (node->kind == ZEND_AST_RETURN) return !is_status(node->child[0]);
  const bool list = zend_ast_is_list(node);
  const std::uint32_t count =
      list ? zend_ast_get_list(node)->children : zend_ast_get_num_children(node);
  zend_ast** const children = list ? zend_ast_get_list(node)->child : node->child;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (returns_value(children[i])) return true;
  }
  return false;
}

// Sets `script` when the text parses and returns nothing to call. May bail out.
void parse(const std::string& text, const std::string& file, bool& script) {
  zend_string* const code = zend_string_init(text.data(), text.size(), false);
  zend_string* const name = zend_string_init(file.data(), file.size(), false);
  zend_arena* arena = nullptr;
  zend_ast* const tree = zend_compile_string_to_ast(code, &arena, name);
  if (tree != nullptr) {
    script = !returns_value(tree);
    zend_ast_destroy(tree);
    zend_arena_destroy(arena);
  }
  if (EG(exception) != nullptr) zend_clear_exception();
  zend_string_release(name);
  zend_string_release(code);
}

}  // namespace

EntryKind detect_entry_kind(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return EntryKind::kHandler;
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  bool script = false;
  if (!guarded([&] { parse(text, file, script); })) CG(unclean_shutdown) = 0;
  return script ? EntryKind::kScript : EntryKind::kHandler;
}

}  // namespace phork::sapi
