// SPDX-License-Identifier: MIT
#include "runtime/tracing/trace_context.h"

#include <doctest/doctest.h>

using phork::tracing::make_span_id;
using phork::tracing::read_context;

TEST_SUITE("trace context") {
  TEST_CASE("X-Ray's header, with fields of others") {
    const auto context = read_context(
        "Self=1-1-1;Root=1-5759e988-bd862e3fe1be46a994272793; Parent=53995c3f42cd8ad8;"
        "Sampled=1;Lineage=a:1");
    REQUIRE(context.has_value());
    CHECK(context->trace_id == "5759e988bd862e3fe1be46a994272793");
    CHECK(context->xray_trace_id() == "1-5759e988-bd862e3fe1be46a994272793");
    CHECK(context->parent_id == "53995c3f42cd8ad8");
    CHECK(context->sampled);
  }

  TEST_CASE("only Sampled=1 is sampled") {
    const std::string ids = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8";
    for (const char* flag : {"", ";Sampled=0", ";Sampled=?"}) {
      CAPTURE(flag);
      const auto context = read_context(ids + flag);
      REQUIRE(context.has_value());
      CHECK_FALSE(context->sampled);
    }
  }

  TEST_CASE("W3C's header") {
    const auto context = read_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    REQUIRE(context.has_value());
    CHECK(context->trace_id == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(context->parent_id == "00f067aa0ba902b7");
    CHECK(context->sampled);
    CHECK_FALSE(read_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02")->sampled);
    CHECK(read_context("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x")->sampled);
  }

  TEST_CASE("a header that names no trace is none") {
    for (const char* header :
         {"", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", "Parent=53995c3f42cd8ad8",
          "Root=1-5759E988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
          "Root=1-x;Parent=y;Sampled=1", "00-4bf92f3577b34da6a3ce929d0e0e4736-01",
          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"}) {
      CAPTURE(header);
      CHECK_FALSE(read_context(header).has_value());
    }
  }

  TEST_CASE("span ids differ, and have the form") {
    const std::string id = make_span_id();
    CHECK(id.size() == 16);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(make_span_id() != id);
  }
}
