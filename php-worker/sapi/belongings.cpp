// SPDX-License-Identifier: MIT
#include "php-worker/sapi/belongings.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "php-worker/sapi/php.h"

// The flag IS_OBJ_DESTRUCTOR_CALLED keeps a destructor from being called again. PHP reads it in the
// walk at the end of a request, when it releases an object, and in the cycle collector. PHP 8.4's
// lazy objects read it too, and clear it when an object is made lazy again
// (zend_object_make_lazy). The tests run with 8.2 and 8.4.
static_assert(PHP_VERSION_ID >= 80200 && PHP_VERSION_ID < 80500,
              "expected PHP 8.2, 8.3 or 8.4: CONTRIBUTING.md says what another version needs, and "
              "here read zend_objects_store_call_destructors()");

namespace phork::sapi {
namespace {

// The first of each kind that belongs to the event; those before are the boot's.
struct Firsts {
  std::uint32_t object = 1;
  zend_ulong resource = 0;
  std::uint32_t persistent = 0;
};

Firsts firsts;
bool is_apart = false;  // from the boot

// Shutdown functions that run in another event, or in the process that this one is a copy of.
HashTable* others_shutdown_functions = nullptr;

// The boot's objects that have a destructor, by zend_object_to_weakref_key(). PHP takes an object
// out when it frees it.
HashTable* ending_objects = nullptr;

// The event's objects with handles that objects of the boot had, which the boot or the event freed.
std::vector<std::uint32_t> reused_handles;

bool has_end_of_its_own(const zend_object* object) {
  return object->ce->destructor != nullptr ||
         object->handlers->dtor_obj != zend_objects_destroy_object;
}

bool is_of_boot(const zend_object* object) {
  if (object->handle >= firsts.object) return false;
  return (OBJ_FLAGS(object) & IS_OBJ_DESTRUCTOR_CALLED) != 0 ||
         zend_hash_index_exists(ending_objects, zend_object_to_weakref_key(object));
}

// Null when there is none.
zend_object* object_at(std::uint32_t handle) {
  zend_object* const object = EG(objects_store).object_buckets[handle];
  return IS_OBJ_VALID(object) ? object : nullptr;
}

// PHP itself reads the same objects at the end of a request.
void find_reused_handles() {
  reused_handles.clear();
  for (std::uint32_t handle = 1; handle < firsts.object; ++handle) {
    const zend_object* const object = object_at(handle);
    if (object != nullptr && !is_of_boot(object)) reused_handles.push_back(handle);
  }
}

int is_ended_global(zval* value) {
  if (Z_TYPE_P(value) == IS_INDIRECT) value = Z_INDIRECT_P(value);
  const bool is_ended =
      Z_TYPE_P(value) == IS_OBJECT && Z_REFCOUNT_P(value) == 1 && !is_of_boot(Z_OBJ_P(value));
  return is_ended ? ZEND_HASH_APPLY_REMOVE : ZEND_HASH_APPLY_KEEP;
}

// An object's destructor may end others.
void end_globals() {
  std::uint32_t globals = 0;
  do {
    globals = zend_hash_num_elements(&EG(symbol_table));
    zend_hash_reverse_apply(&EG(symbol_table), is_ended_global);
  } while (globals != zend_hash_num_elements(&EG(symbol_table)));
}

void destroy(std::uint32_t handle) {
  zend_object* const object = object_at(handle);
  if (object == nullptr || (OBJ_FLAGS(object) & IS_OBJ_DESTRUCTOR_CALLED) != 0) return;
  GC_ADD_FLAGS(object, IS_OBJ_DESTRUCTOR_CALLED);
  if (!has_end_of_its_own(object)) return;
  GC_ADDREF(object);
  object->handlers->dtor_obj(object);
  GC_DELREF(object);
}

void mark_destroyed() {
  const auto mark = [](std::uint32_t handle) {
    zend_object* const object = object_at(handle);
    if (object != nullptr) GC_ADD_FLAGS(object, IS_OBJ_DESTRUCTOR_CALLED);
  };
  for (const std::uint32_t handle : reused_handles) mark(handle);
  for (std::uint32_t handle = firsts.object; handle < EG(objects_store).top; ++handle) mark(handle);
}

// As zend_call_destructors() and zend_objects_store_call_destructors().
void destroy_apart() {
  find_reused_handles();
  const bool completed = guarded([] {
    end_globals();
    EG(flags) |= EG_FLAGS_OBJECT_STORE_NO_REUSE;
    zend_fiber_switch_block();
    for (const std::uint32_t handle : reused_handles) destroy(handle);
    // A destructor may make objects.
    for (std::uint32_t handle = firsts.object; handle < EG(objects_store).top; ++handle) {
      destroy(handle);
    }
    zend_fiber_switch_unblock();
  });
  if (!completed) mark_destroyed();
}

// As zend_objects_store_free_object_storage() with `fast_shutdown`.
void free_content(std::uint32_t handle) {
  zend_object* const object = object_at(handle);
  if (object == nullptr || (OBJ_FLAGS(object) & IS_OBJ_FREE_CALLED) != 0) return;
  GC_ADD_FLAGS(object, IS_OBJ_FREE_CALLED);
  if (object->handlers->free_obj == zend_object_std_dtor) return;
  GC_ADDREF(object);
  object->handlers->free_obj(object);
}

// Calls `step` until it returns false. One that bails out has done its work as far as it could.
template <typename F>
void repeat(F&& step) {
  const auto run = [&step] {
    while (step()) {
    }
  };
  while (!guarded(run)) CG(unclean_shutdown) = 0;
}

void close_resources() {
  auto handle = static_cast<zend_ulong>(EG(regular_list).nNextFreeElement);
  repeat([&handle] {
    if (handle <= firsts.resource) return false;
    zval* const resource = zend_hash_index_find(&EG(regular_list), --handle);
    if (resource != nullptr) zend_list_close(Z_RES_P(resource));
    return true;
  });
}

void free_objects() {
  std::uint32_t handle = EG(objects_store).top;
  repeat([&handle] {
    if (handle <= firsts.object) return false;
    free_content(--handle);
    return true;
  });
  repeat([] {
    if (reused_handles.empty()) return false;
    const std::uint32_t last = reused_handles.back();
    reused_handles.pop_back();
    free_content(last);
    return true;
  });
}

int close_last(zval* /*connection*/) {
  const bool is_own = zend_hash_num_elements(&EG(persistent_list)) > firsts.persistent;
  return is_own ? ZEND_HASH_APPLY_REMOVE | ZEND_HASH_APPLY_STOP : ZEND_HASH_APPLY_STOP;
}

void close_persistent_connections() {
  repeat([] {
    const std::uint32_t before = zend_hash_num_elements(&EG(persistent_list));
    zend_hash_reverse_apply(&EG(persistent_list), close_last);
    return zend_hash_num_elements(&EG(persistent_list)) < before;
  });
}

}  // namespace

BootCounts mark_boot() {
  BootCounts counts;
  if (ending_objects == nullptr) {
    ALLOC_HASHTABLE(ending_objects);
    zend_hash_init(ending_objects, 8, nullptr, nullptr, false);
  }
  zval nothing;
  ZVAL_NULL(&nothing);
  for (std::uint32_t handle = 1; handle < EG(objects_store).top; ++handle) {
    zend_object* const object = object_at(handle);
    if (object == nullptr) continue;
    ++counts.objects;
    if (object->ce->destructor != nullptr) ++counts.destructors;
    if (has_end_of_its_own(object)) {
      zend_weakrefs_hash_add(ending_objects, object, &nothing);
    } else {
      GC_ADD_FLAGS(object, IS_OBJ_DESTRUCTOR_CALLED);
      ++counts.without_destructor;
    }
  }
  if (BG(user_shutdown_function_names) != nullptr) {
    counts.shutdown_functions = zend_hash_num_elements(BG(user_shutdown_function_names));
  }
  return counts;
}

void begin_belongings() {
  if (is_apart) return;
  is_apart = true;
  // A rehearsal before the seal.
  if (ending_objects == nullptr) mark_boot();
  set_shutdown_functions_aside();
  firsts.object = EG(objects_store).top;
  firsts.resource = static_cast<zend_ulong>(EG(regular_list).nNextFreeElement);
  firsts.persistent = zend_hash_num_elements(&EG(persistent_list));
}

void set_shutdown_functions_aside() {
  others_shutdown_functions = std::exchange(BG(user_shutdown_function_names), nullptr);
}

void give_shutdown_functions_back() {
  BG(user_shutdown_function_names) = std::exchange(others_shutdown_functions, nullptr);
}

void destroy_belongings() {
  if (is_apart) {
    destroy_apart();
  } else {
    zend_call_destructors();
  }
}

void free_belongings() {
  close_resources();
  // As PHP does: from here on objects without content are left, which no PHP code may see.
  const bool was_active = std::exchange(EG(active), false);
  free_objects();
  EG(active) = was_active;
  close_persistent_connections();
}

}  // namespace phork::sapi
