// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/destructor_marks.h"

#include "php-worker/sapi/php_headers.h"

// The flag keeps a destructor from being called again: the walk at the end, the release of an
// object and the cycle collector ask for it. 8.4's lazy objects ask too, and clear it when an
// object is made lazy anew: zend_object_make_lazy(). The tests have seen it with 8.2 only.
static_assert(PHP_VERSION_ID >= 80200 && PHP_VERSION_ID < 80500,
              "read zend_objects_store_call_destructors() of this version of PHP");

namespace phork::sapi {
namespace {

bool has_end_of_its_own(const zend_object* object) {
  return object->ce->destructor != nullptr ||
         object->handlers->dtor_obj != zend_objects_destroy_object;
}

}  // namespace

ObjectCounts mark_objects_without_destructor() {
  ObjectCounts counts;
  const zend_objects_store& store = EG(objects_store);
  for (std::uint32_t handle = 1; handle < store.top; ++handle) {
    zend_object* const object = store.object_buckets[handle];
    if (!IS_OBJ_VALID(object)) continue;
    ++counts.objects;
    if (has_end_of_its_own(object)) continue;
    GC_ADD_FLAGS(object, IS_OBJ_DESTRUCTOR_CALLED);
    ++counts.without_destructor;
  }
  return counts;
}

}  // namespace phork::sapi
