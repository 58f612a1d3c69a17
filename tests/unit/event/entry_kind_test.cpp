// SPDX-License-Identifier: MIT
#include "runtime/event/entry_kind.h"

#include <doctest/doctest.h>

namespace phork::event {
namespace {

TEST_SUITE("entry kind") {
  TEST_CASE("every kind has a word that is read as that kind again") {
    for (const EntryKind kind : {EntryKind::kAuto, EntryKind::kHandler, EntryKind::kScript}) {
      CAPTURE(name(kind));
      CHECK(parse_entry_kind(name(kind)) == kind);
    }
    CHECK(name(EntryKind::kAuto) == "auto");
    CHECK(name(EntryKind::kHandler) == "handler");
    CHECK(name(EntryKind::kScript) == "script");
  }

  TEST_CASE("nothing said is auto") {
    CHECK(parse_entry_kind("") == EntryKind::kAuto);
  }

  TEST_CASE("any other word is no kind, however near it comes") {
    for (const char* word : {"Auto", "HANDLER", "scripts", "scrip", " script", "handler ", "0"}) {
      CAPTURE(word);
      CHECK_FALSE(parse_entry_kind(word).has_value());
    }
  }
}

}  // namespace
}  // namespace phork::event
