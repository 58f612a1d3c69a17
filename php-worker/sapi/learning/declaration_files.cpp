// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/declaration_files.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include "php-worker/sapi/php.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {
namespace {

using CompileFile = zend_op_array* (*)(zend_file_handle*, int);
using Autoload = zend_class_entry* (*)(zend_string*, zend_string*);

// Far more than a framework loads for one event. Files beyond this are not noted.
constexpr std::size_t kMostNoted = 2048;

// Code may leave the hooks by longjmp, so the notes lie in plain memory. The pointers stay valid as
// long as PHP's request, which frees file names and classes at its end.
struct Notes {
  bool watching = false;
  std::size_t file_count = 0;
  std::size_t class_count = 0;
  std::array<const zend_string*, kMostNoted> files;  // that only declare, in order of compilation
  std::array<const zend_class_entry*, kMostNoted>
      classes;  // in the order in which their autoloading finished
};

Notes notes;
CompileFile next_compile_file = nullptr;
Autoload next_autoload = nullptr;

// The files that load_declarations() brought in, and whether code has since included each by its
// path.
std::map<std::string, bool, std::less<>> loaded_files;

bool loading = false;
unsigned errors_while_loading = 0;

void note_error(int /*type*/, zend_string* /*file*/, std::uint32_t /*line*/,
                zend_string* /*message*/) {
  if (loading) ++errors_while_loading;
}

// Puts the script before the files that the zygote has loaded: code expects the script to be first.
void put_first(zend_string* script) {
  HashTable files;
  zend_hash_init(&files, zend_hash_num_elements(&EG(included_files)) + 1, nullptr, nullptr, false);
  zend_hash_add_empty_element(&files, script);
  zend_string* file = nullptr;
  ZEND_HASH_FOREACH_STR_KEY(&EG(included_files), file) {
    if (file != nullptr) zend_hash_add_empty_element(&files, file);
  }
  ZEND_HASH_FOREACH_END();
  zend_hash_destroy(&EG(included_files));
  EG(included_files) = files;
}

// True when code includes a loaded file by its path, without `_once`, for the first time. Such code
// relies on being the first in its event, and as far as it can see, it is: the file's classes are
// declared, and the file does nothing else.
bool is_done_already(const zend_file_handle* file) {
  const std::string_view name(ZSTR_VAL(file->filename), ZSTR_LEN(file->filename));
  if (name.find("://") != std::string_view::npos) return false;
  zend_string* const path =
      file->opened_path != nullptr ? file->opened_path : zend_resolve_path(file->filename);
  if (path == nullptr) return false;
  const auto found = loaded_files.find(std::string_view(ZSTR_VAL(path), ZSTR_LEN(path)));
  if (path != file->opened_path) zend_string_release(path);
  return found != loaded_files.end() && !std::exchange(found->second, true);
}

// Compiles what a file without a `return` gives to its include.
zend_op_array* compile_stand_in(const zend_file_handle* file) {
  zend_string* const code = zend_string_init("return 1;", sizeof("return 1;") - 1, false);
  zend_op_array* const stand_in =
      zend_compile_string(code, ZSTR_VAL(file->filename), ZEND_COMPILE_POSITION_AFTER_OPEN_TAG);
  zend_string_release(code);
  return stand_in;
}

zend_op_array* compile_and_note(zend_file_handle* file, int type) {
  const bool primary = file->primary_script;
  if (!loaded_files.empty() && !primary && is_done_already(file)) return compile_stand_in(file);
  zend_op_array* const code = next_compile_file(file, type);
  if (code == nullptr) return nullptr;
  if (!loaded_files.empty() && primary) put_first(code->filename);
  if (notes.watching && notes.file_count < kMostNoted && declares_only(*code)) {
    notes.files[notes.file_count++] = code->filename;
  }
  return code;
}

zend_class_entry* autoload_and_note(zend_string* name, zend_string* lower_name) {
  zend_class_entry* const loaded = next_autoload(name, lower_name);
  if (!notes.watching || loaded == nullptr || loaded->type != ZEND_USER_CLASS) return loaded;
  // The requested name may be an alias, which the autoloader makes again each time it is asked.
  const bool own_name = zend_string_equals_ci(loaded->name, lower_name);
  if (own_name && notes.class_count < kMostNoted) {
    notes.classes[notes.class_count++] = loaded;
  }
  return loaded;
}

// A class and its file share the name's pointer when they are from the same compilation.
bool is_noted(const zend_string* file) {
  const auto noted = std::span(notes.files).first(notes.file_count);
  return std::find(noted.begin(), noted.end(), file) != noted.end();
}

// A file without a `return` returns 1.
bool is_one(const zval* value) {
  return Z_TYPE_P(value) == IS_LONG && Z_LVAL_P(value) == 1;
}

bool is_included(const std::string& path) {
  return zend_hash_str_exists(&EG(included_files), path.data(), path.size());
}

// Removes the entries that a failed file declared. Their memory is left alone.
void take_out_after(HashTable* table, std::uint32_t used) {
  if (table->nNumUsed > used) zend_hash_discard(table, used);
}

// Compiles the file and executes it if it only declares. May leave an exception pending; may bail
// out.
bool run_declarations(const char* path) {
  zend_file_handle file;
  zend_stream_init_filename(&file, path);
  zend_op_array* const code = next_compile_file(&file, ZEND_REQUIRE);
  bool done = false;
  if (code != nullptr) {
    done = declares_only(*code);
    if (done) {
      zend_hash_add_empty_element(&EG(included_files), code->filename);
      zval result;
      ZVAL_UNDEF(&result);
      zend_execute(code, &result);
      zval_ptr_dtor(&result);
    }
    zend_destroy_static_vars(code);
    destroy_op_array(code);
    efree_size(code, sizeof(zend_op_array));
  }
  zend_destroy_file_handle(&file);
  return done && EG(exception) == nullptr;
}

// As long as this lives, no user code can run, and PHP is silent.
class Alone : private base::Pinned {
 public:
  Alone() : autoload_(std::exchange(zend_autoload, nullptr)) {
    loading = true;
    errors_while_loading = 0;
  }

  ~Alone() {
    loading = false;
    zend_autoload = autoload_;
  }

 private:
  const Silence silence_;
  const Autoload autoload_;
};

}  // namespace

bool declares_only(const zend_op_array& file) {
  return std::all_of(file.opcodes, file.opcodes + file.last, [](const zend_op& op) {
    switch (op.opcode) {
      case ZEND_NOP:
      case ZEND_EXT_STMT:
      case ZEND_EXT_NOP:
      case ZEND_DECLARE_FUNCTION:
      case ZEND_DECLARE_CLASS:
      case ZEND_DECLARE_CLASS_DELAYED:
        return true;
      case ZEND_RETURN:
        return op.op1_type == IS_CONST && is_one(RT_CONSTANT(&op, op.op1));
      default:
        return false;
    }
  });
}

void install_declaration_hooks() {
  if (next_compile_file != nullptr) return;
  next_compile_file = std::exchange(zend_compile_file, compile_and_note);
  if (zend_autoload != nullptr) next_autoload = std::exchange(zend_autoload, autoload_and_note);
  zend_observer_error_register(note_error);
}

void watch_autoloading() {
  notes.watching = true;
}

std::vector<std::string_view> autoloaded_files() {
  std::vector<std::string_view> files;
  for (std::size_t i = 0; i < notes.class_count; ++i) {
    const zend_string* const file = notes.classes[i]->info.user.filename;
    if (!is_noted(file)) continue;
    files.emplace_back(ZSTR_VAL(file), ZSTR_LEN(file));
  }
  return files;
}

Loading load_declarations(const std::string& path) {
  if (is_included(path)) return Loading::kDone;
  const std::uint32_t classes = EG(class_table)->nNumUsed;
  const std::uint32_t functions = EG(function_table)->nNumUsed;
  const char* const name = path.c_str();
  bool done = false;
  bool* const result = &done;
  bool completed = false;
  {
    const Alone alone;
    completed = guarded([name, result] { *result = run_declarations(name); });
    if (EG(exception) != nullptr) zend_clear_exception();
    done = completed && done && errors_while_loading == 0;
  }
  if (done) {
    loaded_files.emplace(path, false);
    return Loading::kDone;
  }
  if (!completed) CG(unclean_shutdown) = 0;
  take_out_after(EG(class_table), classes);
  take_out_after(EG(function_table), functions);
  zend_hash_str_del(&EG(included_files), path.data(), path.size());
  return completed ? Loading::kRefused : Loading::kBroken;
}

}  // namespace phork::sapi
