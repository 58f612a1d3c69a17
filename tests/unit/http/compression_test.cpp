// SPDX-License-Identifier: MIT
#include "runtime/http/compression.h"

#include <zlib.h>

#include <doctest/doctest.h>

#include "runtime/base/text.h"

using namespace phork::http;
using phork::event::NameValue;

namespace {

const std::string kText(2000, 'a');

std::string gunzip(std::string_view compressed) {
  z_stream stream{};
  REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out(100'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::inflateEnd(&stream);
  return out;
}

std::string header(const Response& response, std::string_view name) {
  for (const NameValue& each : response.headers) {
    if (phork::base::equal_in_any_case(each.name, name)) return each.value;
  }
  return "(none)";
}

// A page with these headers beside its type, after compression for a client that takes gzip.
struct Page {
  std::string storage;
  Response response;

  explicit Page(std::vector<NameValue> headers, std::string_view body = kText,
                std::uint16_t status = 200, std::string_view accepts = "gzip") {
    response = {status, std::move(headers), body};
    if (header(response, "Content-Type") == "(none)") {
      response.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    }
    compress(response, accepts, storage);
  }

  bool compressed() const { return header(response, "Content-Encoding") == "gzip"; }
};

Page page_with(const std::string& name, const std::string& value) {
  return Page(std::vector<NameValue>{{name, value}});
}

}  // namespace

TEST_SUITE("compression") {
  TEST_CASE("a client takes gzip if it says so, with a weight above zero") {
    for (const char* accepts : {"gzip", "br, GZIP;q=0.1", "x-gzip", "*", "deflate, *;q=0.5",
                                "br;q=1.0, gzip ; q=0.8 , *;q=0"}) {
      CAPTURE(accepts);
      CHECK(takes_gzip(accepts));
    }
    for (const char* accepts :
         {"", "br", "gzip;q=0", "gzip; q=0.000, *", "identity", "*;q=0", "gzip;q=x", "gzipped"}) {
      CAPTURE(accepts);
      CHECK_FALSE(takes_gzip(accepts));
    }
  }

  TEST_CASE("a page shrinks to the same text") {
    const Page page({{"Content-Length", "2000"}, {"ETag", "\"v1\""}, {"Accept-Ranges", "bytes"}});
    REQUIRE(page.compressed());
    CHECK(page.response.body.size() < 100);
    CHECK(gunzip(page.response.body) == kText);
    CHECK(header(page.response, "Vary") == "Accept-Encoding");
    CHECK(header(page.response, "ETag") == "W/\"v1\"");
    CHECK(header(page.response, "Content-Length") == "(none)");
    CHECK(header(page.response, "Accept-Ranges") == "(none)");
  }

  TEST_CASE("what does not shrink, or must not change, stays") {
    CHECK_FALSE(Page({}, kText.substr(0, kLeastCompressed - 1)).compressed());
    CHECK(Page({}, kText.substr(0, kLeastCompressed)).compressed());
    for (const NameValue& given :
         std::vector<NameValue>{{"Content-Type", "image/png"},
                                {"Content-Type", "text/event-stream"},
                                {"content-encoding", "br"},
                                {"Content-Range", "bytes 0-1/2"},
                                {"Content-Digest", "sha-256=:x:"},
                                {"Cache-Control", "public, no-transform"}}) {
      CAPTURE(given.name);
      CAPTURE(given.value);
      const Page page(std::vector<NameValue>{given});
      CHECK(page.response.body == kText);
      CHECK(header(page.response, "Vary") == "(none)");
    }
    CHECK_FALSE(Page({}, kText, 206).compressed());
    CHECK(Page({}, kText, 404).compressed());
    for (const char* type : {"application/json", "image/svg+xml", "APPLICATION/LD+JSON"}) {
      CAPTURE(type);
      CHECK(page_with("Content-Type", type).compressed());
    }
  }

  TEST_CASE("another client gets the text, and caches learn that it depends on the client") {
    const Page page({{"ETag", "\"v1\""}}, kText, 200, "br");
    CHECK_FALSE(page.compressed());
    CHECK(page.response.body == kText);
    CHECK(header(page.response, "Vary") == "Accept-Encoding");
    CHECK(header(page.response, "ETag") == "\"v1\"");
    CHECK(header(page_with("Vary", "Cookie").response, "Vary") == "Cookie, Accept-Encoding");
    CHECK(header(page_with("Vary", "accept-encoding").response, "Vary") == "accept-encoding");
    CHECK(header(page_with("Vary", "*").response, "Vary") == "*");
  }

  TEST_CASE("an answer without a body tells caches what one with it would") {
    CHECK(header(Page({}, "").response, "Vary") == "Accept-Encoding");  // to HEAD
    CHECK(header(Page({}, "", 304).response, "Vary") == "Accept-Encoding");
    CHECK_FALSE(Page({}, "", 304).compressed());
    for (const std::uint16_t status : std::vector<std::uint16_t>{204, 206, 302, 404}) {
      CAPTURE(status);
      CHECK(header(Page({}, "", status).response, "Vary") == "(none)");
    }
    CHECK(header(Page({{"Content-Type", "image/png"}}, "").response, "Vary") == "(none)");
  }

  TEST_CASE("bytes that grow are sent as they are") {
    std::string noise;
    for (unsigned number = 1; noise.size() < 2000; number = number * 1103515245U + 12345U) {
      noise.push_back(static_cast<char>(number >> 16U));
    }
    CHECK_FALSE(Page({}, noise).compressed());
  }
}
