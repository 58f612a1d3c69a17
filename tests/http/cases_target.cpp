// SPDX-License-Identifier: MIT
//
// Query strings and paths: the variables that PHP makes of them, and their raw text.
#include <string>

#include "tests/http/http_case.h"

namespace phork::http_suite {
namespace {

std::string repeat(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append(text);
  return all;
}

std::string numbered_parameters(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    all.append(i == 0 ? "p" : "&p").append(std::to_string(i)).append("=").append("1");
  }
  return all;
}

}  // namespace

HttpCases query_cases() {
  return {
      get("query: none", "/"),
      get("query: empty", "/?"),
      get("query: one", "/?a=1"),
      get("query: two", "/?a=1&b=2"),
      get("query: empty value", "/?a="),
      get("query: no equals sign", "/?a"),
      get("query: no name", "/?=1&b=2"),
      get("query: zero", "/?0=0&a=0"),
      get("query: repeated name", "/?a=1&a=2", kRepeatedQueryNames),
      get("query: list", "/?a[]=1&a[]=2&a[]=3", kRepeatedQueryNames),
      get("query: list with indexes", "/?a[0]=x&a[2]=z&a[1]=y"),
      get("query: map", "/?shape[side]=4&shape[color]=red"),
      get("query: deep", "/?a[b][c][d][]=1&a[b][e]=2"),
      get("query: lists of lists", "/?a[][x]=1&a[][x]=2", kRepeatedQueryNames),
      get("query: encoded brackets", "/?a%5Bb%5D=1&a%5Bc%5D%5B%5D=2"),
      get("query: scalar, then list", "/?a=1&a[]=2"),
      get("query: list, then scalar", "/?a[]=2&a=1"),
      get("query: unclosed bracket", "/?a[b=1"),
      get("query: text behind brackets", "/?a[b]c=1&a[d]%20[e]=2"),
      get("query: bracket first", "/?[a]=1&]b[=2"),
      get("query: nested brackets", "/?a[[b]=1&a[c[d]]=2"),
      get("query: dot in a name", "/?a.b=1&c[d.e]=2"),
      get("query: space in a name", "/?a%20b=1&%20c=2&d+e=3"),
      get("query: dot and underscore collide", "/?a.b=1&a_b=2"),
      get("query: plus is a space", "/?a=one+two&b=one%2Btwo"),
      get("query: escapes", "/?a=%26%3D%23%3F%2F%25&b=%3Cp%3E"),
      get("query: escapes in lower case", "/?a=%c3%a9&b=%2f"),
      get("query: UTF-8", "/?name=Zo%C3%AB&%C3%BC=1"),
      get("query: no UTF-8", "/?a=%FF%FE&b=%C3", kUndecodedQuery),
      get("query: NUL", "/?a=b%00c&d%00e=1"),
      get("query: line breaks", "/?a=one%0D%0Atwo"),
      get("query: malformed escapes", "/?a=100%&b=%zz&c=%4"),
      get("query: leading ampersand", "/?&a=1"),
      get("query: empty pairs", "/?a=1&&b=2&"),
      get("query: semicolon", "/?a=1;b=2"),
      get("query: question mark", "/?a=1?b=2&?c=3"),
      get("query: equals signs in a value", "/?a=b=c==&d==e"),
      get("query: quotes", "/?a='one'&b=%22two%22&c=%5C"),
      get("query: unreserved and reserved", "/?a=-._~!$*(),:@/"),
      get("query: numeric names", "/?1=a&2=b&-3=c"),
      get("query: names of superglobals", "/?GLOBALS=1&_GET=2&_SERVER[x]=3&this=4"),
      get("query: name of a cookie prefix", "/?__Host-a=1&__Secure-b=2"),
      get("query: upper and lower case", "/?a=1&A=2"),
      get("query: long value", "/?a=" + repeat("0123456789", 700)),
      get("query: deeper than max_input_nesting_level", "/?a" + repeat("[x]", 70) + "=1"),
      get("query: more than max_input_vars", "/?" + numbered_parameters(1100)),
      get("query: a validated integer", "/?a=17"),
  };
}

HttpCases path_cases() {
  return {
      get("path: one part", "/about"),
      get("path: many parts", "/a/b/c/d"),
      get("path: trailing slash", "/about/"),
      get("path: with a query", "/about?x=1"),
      get("path: escaped space", "/a%20b"),
      get("path: UTF-8", "/caf%C3%A9/%E4%B8%96"),
      get("path: plus", "/a+b"),
      get("path: reserved characters", "/a;v=1/b:c/d@e/f,g/h=i/j&k/l!$'()*"),
      get("path: unreserved characters", "/a-b.c_d~e"),
      get("path: file that is not there", "/missing.txt"),
      get("path: escaped slash", "/a%2Fb", kUndecodedPath),
      get("path: escaped percent", "/100%25/a%2520b", kUndecodedPath),
      get("path: needless escapes", "/%61%62"),
      get("path: escapes in lower case", "/caf%c3%a9"),
      get("path: quotes", "/%22a%22/%3Cb%3E"),
      get("path: two slashes", "/a//b"),
      get("path: dots", "/a/./b/../c"),
      get("path: long", "/" + repeat("segment/", 300)),
      get("path: the script", "/index.php"),
      get("path: the script with a query", "/index.php?x=1"),
      get("path: behind the script", "/index.php/a/b"),
      get("path: behind the script, with a query", "/index.php/a%20b?x=1"),
      get("path: the script and a slash", "/index.php/"),
  };
}

}  // namespace phork::http_suite
