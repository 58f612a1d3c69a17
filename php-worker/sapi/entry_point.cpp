// SPDX-License-Identifier: MIT
#include "php-worker/sapi/entry_point.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "php-worker/sapi/php.h"
#include "runtime/base/php_folder.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/handler_path.h"

namespace phork::sapi {
namespace {

using base::EntryKind;

bool is_named(zend_ast* constant, const char* word) {
  zend_ast* const name = constant->child[0];
  return name->kind == ZEND_AST_ZVAL && Z_TYPE_P(zend_ast_get_zval(name)) == IS_STRING &&
         strcasecmp(Z_STRVAL_P(zend_ast_get_zval(name)), word) == 0;
}

// True for a value that a script may return: none, null, a bool or an int.
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

bool is_text_ending_in(zend_ast* node, std::string_view end) {
  if (node == nullptr || node->kind != ZEND_AST_ZVAL) return false;
  const zval* const value = zend_ast_get_zval(node);
  return Z_TYPE_P(value) == IS_STRING &&
         std::string_view(Z_STRVAL_P(value), Z_STRLEN_P(value)).ends_with(end);
}

// True when `found` holds for a node of the tree. Does not look into functions and classes (PHP
// calls them "special" nodes), whose statements are not the file's.
template <typename F>
bool any_node(zend_ast* node, const F& found) {
  if (node == nullptr) return false;
  if (found(node)) return true;
  if (zend_ast_is_special(node)) return false;
  const bool list = zend_ast_is_list(node);
  const std::uint32_t count =
      list ? zend_ast_get_list(node)->children : zend_ast_get_num_children(node);
  zend_ast** const children = list ? zend_ast_get_list(node)->child : node->child;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (any_node(children[i], found)) return true;
  }
  return false;
}

bool returns_value(zend_ast* tree) {
  return any_node(tree, [](zend_ast* node) {
    return node->kind == ZEND_AST_RETURN && !is_status(node->child[0]);
  });
}

bool includes(zend_ast* tree, std::string_view name) {
  const auto is_named = [name](zend_ast* node) { return is_text_ending_in(node, name); };
  return any_node(tree, [&is_named](zend_ast* node) {
    return node->kind == ZEND_AST_INCLUDE_OR_EVAL && any_node(node, is_named);
  });
}

// The front controller of symfony/runtime returns a closure, but to the file that it includes; that
// file runs the application with it and ends PHP.
// https://symfony.com/doc/current/components/runtime.html
bool runs_itself(zend_ast* tree) {
  return includes(tree, "autoload_runtime.php");
}

// https://frankenphp.dev/docs/worker/
bool asks_for_requests(zend_ast* tree) {
  return includes(tree, "frankenphp-worker.php") || any_node(tree, [](zend_ast* node) {
           return node->kind == ZEND_AST_CALL &&
                  is_text_ending_in(node->child[0], "frankenphp_handle_request");
         });
}

EntryKind kind_of(zend_ast* tree) {
  if (asks_for_requests(tree)) return EntryKind::kWorker;
  return returns_value(tree) && !runs_itself(tree) ? EntryKind::kHandler : EntryKind::kScript;
}

// True for a program that a terminal runs by PHP: `#!/usr/bin/env php`. Web servers run files that
// end in .php, and php-fpm skips such a line there.
bool is_program(const std::string& file) {
  if (file.ends_with(".php")) return false;
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 128> line{};  // of which Linux, too, reads no more than so many bytes or twice
  stream.getline(line.data(), line.size());
  const std::string_view text(line.data());
  return text.starts_with("#!") && text.find("php") != std::string_view::npos;
}

// Leaves `kind` when the text does not parse. May bail out.
void parse(const std::string& text, const std::string& file, EntryKind& kind) {
  zend_string* const code = zend_string_init(text.data(), text.size(), false);
  zend_string* const name = zend_string_init(file.data(), file.size(), false);
  zend_arena* arena = nullptr;
  zend_ast* const tree = zend_compile_string_to_ast(code, &arena, name);
  if (tree != nullptr) {
    kind = kind_of(tree);
    zend_ast_destroy(tree);
    zend_arena_destroy(arena);
  }
  if (EG(exception) != nullptr) zend_clear_exception();
  zend_string_release(name);
  zend_string_release(code);
}

}  // namespace

std::string library_folder() {
  std::error_code ignored;
  return base::php_folder(std::filesystem::read_symlink("/proc/self/exe", ignored));
}

base::Result<EntryPoint> find_entry_point() {
  auto found = lambda::find_entry_files(base::variable("LAMBDA_TASK_ROOT"), library_folder());
  if (!found) return std::move(found).error();
  EntryPoint entry;
  entry.files = http::routing_of(found->entry.file, base::value_of(base::settings::kRoute));
  entry.function = std::move(found->entry.function);
  entry.preboot_file = std::move(found->preboot);
  entry.kind = base::value_of(base::settings::kEntry);
  // An entry with a function is a handler, whatever its file looks like.
  if (!entry.function.empty()) entry.kind = base::EntryKind::kHandler;
  const bool is_console =
      base::value_of(base::settings::kBrefRuntime) == base::BrefRuntime::kConsole ||
      is_program(entry.files.entry_file);
  if (entry.kind == EntryKind::kAuto && is_console) entry.kind = EntryKind::kConsole;
  return entry;
}

EntryKind detect_entry_kind(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return EntryKind::kHandler;
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EntryKind kind = EntryKind::kHandler;
  if (!guarded([&] { parse(text, file, kind); })) CG(unclean_shutdown) = 0;
  return kind;
}

}  // namespace phork::sapi
