// SPDX-License-Identifier: MIT
//
// multipart/form-data, well and badly formed. Nothing may be left in upload_tmp_dir by any case.
#include <initializer_list>
#include <string>
#include <utility>

#include "tests/http/http_case.h"

namespace phork::http_suite {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=limit";

std::string field(const std::string& name, const std::string& value) {
  return "--limit\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
         "\r\n";
}

// `name` may go on behind its closing quote: `a"; x="y`.
std::string file(const std::string& name, const std::string& file_name, const std::string& content,
                 const std::string& type = "text/plain") {
  return "--limit\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" +
         file_name + "\"\r\n" + (type.empty() ? "" : "Content-Type: " + type + "\r\n") + "\r\n" +
         content + "\r\n";
}

std::string parts(std::initializer_list<std::string> all) {
  std::string body;
  for (const std::string& part : all) body.append(part);
  return body.append("--limit--\r\n");
}

HttpCase upload(std::string name, std::string body, std::string target = "/") {
  return send("upload: " + std::move(name), "POST", std::move(target), kType, std::move(body));
}

HttpCase typed(std::string name, std::string type, std::string body) {
  return send("upload: " + std::move(name), "POST", "/", std::move(type), std::move(body));
}

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

HttpCases well_formed() {
  return {
      upload("fields only", parts({field("a", "1"), field("b", "two words")})),
      upload("nested fields", parts({field("a[]", "1"), field("a[]", "2"), field("b[c][d]", "3"),
                                     field("b[c][e][]", "4")})),
      upload("field of many lines", parts({field("a", "one\r\ntwo\r\n\r\nthree")})),
      upload("field with a type", parts({"--limit\r\ncontent-type: application/json\r\n"
                                         "content-disposition: form-data; name=a\r\n\r\n{}\r\n"})),
      upload("one file", parts({file("file", "a.txt", "content")})),
      upload("no type", parts({file("file", "a.txt", "content", "")})),
      upload("empty file", parts({file("file", "a.txt", "")})),
      upload("no file chosen", parts({file("file", "", "", "application/octet-stream")})),
      upload("two files", parts({file("a", "a.txt", "one"), file("b", "b.csv", "1,2")})),
      upload("files and fields",
             parts({field("x", "1"), file("a", "a.txt", "one"), field("y[]", "2")})),
      upload("list of files", parts({file("f[]", "a.txt", "one"), file("f[]", "b.txt", "two")})),
      upload("nested files",
             parts({file("f[a][b]", "a.txt", "one"), file("f[a][c]", "b.txt", "two")})),
      upload("same name twice", parts({file("f", "a.txt", "one"), file("f", "b.txt", "two")})),
      upload("every byte", parts({file("f", "a.bin", every_byte(), "application/octet-stream")})),
      upload("content like a boundary", parts({file("f", "a.txt", "--limi\r\n--limit2\r\n-")})),
      upload("path in the name", parts({file("f", "../../etc/passwd", "x")})),
      upload("folder", parts({file("f[]", "pictures/2026/a.jpg", "x", "image/jpeg")})),
      upload("windows path", parts({file("f", R"(C:\dir\a.txt)", "x")})),
      upload("quotes in the name", parts({file("f", R"(a\"b.txt)", "x")})),
      upload("UTF-8 name", parts({file("ü", "größe 世界.txt", "x")})),
      upload("semicolon in the name", parts({file("f", "a;b=c.txt", "x")})),
      upload("dots in the field", parts({file("a.b c", "a.txt", "x"), field("d.e f", "1")})),
      upload("query too", parts({field("a", "form")}), "/?a=query"),
      upload("moved", parts({file("file", "a.txt", "content")}), "/page/upload/move"),
      upload("moved without one", parts({field("a", "1")}), "/page/upload/move-other"),
      upload("moved to nowhere", parts({file("file", "a.txt", "x")}), "/page/upload/move-nowhere"),
      upload("changed and removed", parts({file("file", "a.txt", "x")}), "/page/upload/change"),
      upload("left at exit", parts({file("file", "a.txt", "x")}), "/page/upload/exit"),
      upload("left at an exception", parts({file("file", "a.txt", "x")}), "/page/upload/throw"),
      upload("left after the answer", parts({file("file", "a.txt", "x")}), "/page/upload/finish"),
      upload("php://input", parts({field("a", "1")}), "/page/input/twice"),
  };
}

HttpCases limits() {
  HttpCases cases = {
      upload("over upload_max_filesize", parts({file("f", "a.txt", std::string(70'000, 'x'))})),
      upload("over MAX_FILE_SIZE",
             parts({field("MAX_FILE_SIZE", "10"), file("f", "a.txt", "more than ten bytes")})),
      upload("over post_max_size",
             parts({field("a", "1"), file("f", "a.txt", std::string(2'200'000, 'x'))})),
  };
  std::string many;
  for (int i = 0; i < 8; ++i) many.append(file("f" + std::to_string(i), "a.txt", "x"));
  cases.push_back(upload("more than max_file_uploads", parts({many, field("last", "1")})));
  many.clear();
  for (int i = 0; i < 1100; ++i) many.append(field("p" + std::to_string(i), "1"));
  cases.push_back(upload("more than max_input_vars", parts({many})));
  return cases;
}

HttpCases malformed() {
  const std::string whole = parts({field("a", "1"), file("f", "a.txt", "content")});
  const std::string quoted = R"(multipart/form-data; boundary="limit")";
  return {
      typed("quoted boundary", quoted, whole),
      typed("boundary and charset", "multipart/form-data; charset=UTF-8; boundary=limit", whole),
      typed("type in upper case", "Multipart/Form-Data; Boundary=limit", whole),
      typed("other boundary", "multipart/form-data; boundary=other", whole),
      typed("no boundary", "multipart/form-data", whole),
      typed("empty boundary", "multipart/form-data; boundary=", whole),
      typed("boundary of a quote", "multipart/form-data; boundary=\"limit", whole),
      typed("other multipart", "multipart/mixed; boundary=limit", whole),
      typed("long boundary", "multipart/form-data; boundary=" + std::string(5300, 'b'), whole),
      send("upload: by PUT", "PUT", "/item", kType, whole),
      upload("nothing", ""),
      upload("closing boundary only", "--limit--\r\n"),
      upload("no closing boundary", field("a", "1") + file("f", "a.txt", "content")),
      upload("cut in a file", whole.substr(0, whole.size() - 20)),
      upload("cut in a header", whole.substr(0, 30)),
      upload("cut in a field", whole.substr(0, 55)),
      upload("bare line feeds",
             "--limit\nContent-Disposition: form-data; name=\"a\"\n\n1\n--limit--\n"),
      upload("preamble and epilogue", "preamble\r\n" + whole + "epilogue"),
      upload("no name", parts({"--limit\r\nContent-Disposition: form-data\r\n\r\nx\r\n"})),
      upload("empty name", parts({field("", "x"), file("", "a.txt", "y")})),
      upload("no headers", parts({"--limit\r\n\r\nx\r\n"})),
      upload("no disposition", parts({"--limit\r\nContent-Type: text/plain\r\n\r\nx\r\n"})),
      upload("unclosed brackets", parts({field("a[b][c", "1"), file("f[", "a.txt", "x")})),
      upload("stray brackets", parts({file("f]x[", "a.txt", "x"), file("g[a]b", "b.txt", "y")})),
      upload("huge header", parts({"--limit\r\nX-Huge: " + std::string(20'000, 'h') +
                                   "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"})),
      upload("NUL in a name", parts({field(std::string("a\0b", 3), "1")})),
      upload("NUL in a file name", parts({file("f", std::string("a\0.txt", 6), "x")})),
      upload("no UTF-8", parts({field("a\xff", "\xfe"), file("f", "\xff.txt", "x")})),
  };
}

}  // namespace

HttpCases upload_cases() {
  HttpCases cases = well_formed();
  for (auto* more : {limits, malformed}) {
    for (HttpCase& item : more()) cases.push_back(std::move(item));
  }
  return cases;
}

}  // namespace phork::http_suite
