// SPDX-License-Identifier: MIT
//
// DokuWiki from Debian's package: one script per task (doku.php, feed.php, lib/exe/*.php), pages
// and sessions in files, no database.
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/session.h"
#include "tests/support/runtime_harness.h"

namespace {

using phork::apps::Application;
using phork::apps::Browser;
using phork::apps::File;
using phork::apps::Page;

const std::string kPage = "/doku.php?id=tests:first";

std::function<void(Browser&)> get(const std::string& target) {
  return [target](Browser& browser) { browser.get(target); };
}

void follow(Browser& browser) {
  browser.follow();
}

// A picture with every byte value in its comment, so that any change on the way shows.
std::string picture_bytes() {
  std::string bytes = "GIF89a";
  bytes.append({'\1', '\0', '\1', '\0', '\x80', '\0', '\0', '\0', '\0', '\0'});
  bytes.append("\xff\xff\xff\x21\xfe\xff", 6);
  for (int byte = 1; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  bytes.append({'\0', ',', '\0', '\0', '\0', '\0', '\1', '\0', '\1', '\0', '\0'});
  return bytes.append({'\2', '\2', 'D', '\1', '\0', ';'});
}

std::string header(const Browser& browser, std::string_view lower_name) {
  return phork::testing::header_values(browser.page().headers, lower_name).at(0);
}

void log_in(Browser& browser, const std::string& password) {
  browser.submit("dw__login", {{"u", "editor"}, {"p", password}});
}

std::vector<Page> visitor_pages() {
  return {
      {"/ leads to doku.php", 302, "location: /doku.php/start", get("/")},
      {"start page, which is not written yet", 200, "This topic does not exist yet", follow},
      {"a page of Debian's", 200, "Congratulations, your wiki is now up",
       get("/doku.php?id=wiki:welcome")},
      {"the same by PATH_INFO", 200, "Congratulations", get("/doku.php/wiki:welcome")},
      {"a long page", 200, "DokuWiki is a simple to use", get("/doku.php?id=wiki:dokuwiki")},
      {"its source", 200, "======", get("/doku.php?id=wiki:dokuwiki&do=export_raw")},
      {"its body only", 200, "<h1", get("/doku.php?id=wiki:dokuwiki&do=export_xhtmlbody")},
      {"a path that is no file", 302, "location: /doku.php/start", get("/no/such/page?x=1")},
      {"a page that a visitor may not edit", 200, "readonly=\"readonly\"",
       get("/doku.php?id=wiki:welcome&do=edit")},
      {"CSS", 200, "text/css", get("/lib/exe/css.php?t=dokuwiki")},
      {"JavaScript", 200, "javascript", get("/lib/exe/js.php?t=dokuwiki")},
      {"jQuery", 200, "javascript", get("/lib/exe/jquery.php")},
      {"OpenSearch", 200, "OpenSearchDescription", get("/lib/exe/opensearch.php")},
      {"manifest", 200, "display", get("/lib/exe/manifest.php")},
      {"a picture", 200, "image/png", get("/lib/exe/fetch.php?media=wiki:dokuwiki-128.png")},
      {"a part of it", 206, "content-range: bytes 10-19/",
       [](Browser& browser) {
         browser.send({"GET",
                       "/lib/exe/fetch.php?media=wiki:dokuwiki-128.png",
                       {{"Range", "bytes=10-19"}},
                       ""});
       }},
      {"a picture that is known already", 304, "",
       [](Browser& browser) {
         browser.send({"GET",
                       "/lib/exe/fetch.php?media=wiki:dokuwiki-128.png",
                       {{"If-Modified-Since", header(browser, "last-modified")}},
                       ""});
       }},
      {"a picture that is missing", 404, "404", get("/lib/exe/fetch.php?media=no:such.png")},
  };
}

std::vector<Page> editor_pages() {
  return {
      {"login form", 200, "dw__login", get(kPage + "&do=login")},
      {"login with a wrong password", 403, "Sorry, username or password was wrong",
       [](Browser& browser) { log_in(browser, "wrong"); }},
      {"login", 302, "set-cookie: ", [](Browser& browser) { log_in(browser, "editor-secret-1"); }},
      {"the page behind it", 200, "Edith Editor", follow},
      {"editor", 200, "wiki__text", get(kPage + "&do=edit")},
      {"preview", 200, "This is a preview",
       [](Browser& browser) {
         browser.submit("wiki__text", {{"wikitext", "====== Draft ======\n\nGrüße"}},
                        "do[preview]");
       }},
      {"save", 302, "location: ",
       [](Browser& browser) {
         const std::string text =
             "====== First ======\n\nUnwahrscheinlich **bold** & <\"quoted\"> [[second]]\n\n"
             "<code php>\n<?php echo 1;\n</code>\n\n{{tests:dot.gif}}\n";
         browser.submit("wiki__text", {{"wikitext", text}, {"summary", "made by a test"}},
                        "do[save]");
       }},
      {"the saved page", 200, "<strong>bold</strong>", follow},
      {"editor of a page of Debian's", 200, "Congratulations",
       get("/doku.php?id=wiki:welcome&do=edit")},
      {"save with a summary", 302, "location: ",
       [](Browser& browser) {
         browser.submit("wiki__text",
                        {{"wikitext", "====== Welcome ======\n\nUnwahrscheinlich"},
                         {"summary", "made by a test"}},
                        "do[save]");
       }},
      {"difference between both versions", 200, "diff-addedline",
       get("/doku.php?id=wiki:welcome&do=diff")},
  };
}

std::vector<Page> upload_pages() {
  return {
      {"media manager", 200, "dw__upload", get("/lib/exe/mediamanager.php?ns=tests")},
      {"upload", 200, "Upload successful",
       [](Browser& browser) {
         browser.upload("dw__upload", {{"mediaid", "dot.gif"}},
                        File{"upload", "dot.gif", "image/gif", picture_bytes()});
       }},
      {"the uploaded file", 200, picture_bytes(), get("/lib/exe/fetch.php?media=tests:dot.gif")},
      {"its details", 200, "dot.gif", get("/lib/exe/detail.php?media=tests:dot.gif")},
      {"upload of a type that is not allowed", 200, "denied",
       [](Browser& browser) {
         browser.get("/lib/exe/mediamanager.php?ns=tests");
         browser.upload("dw__upload", {{"mediaid", "evil.php"}},
                        File{"upload", "evil.php", "text/plain", "<?php"});
       }},
  };
}

std::vector<Page> wiki_pages() {
  return {
      {"indexer", 200, "image/gif", get("/lib/exe/taskrunner.php?id=tests:first")},
      {"search", 200, "tests:first", get("/doku.php?do=search&q=unwahrscheinlich")},
      {"AJAX search", 200, "first",
       [](Browser& browser) {
         browser.post("/lib/exe/ajax.php", {{"call", "qsearch"}, {"q", "first"}});
       }},
      {"XML-RPC", 200, "<string>",
       [](Browser& browser) {
         browser.post_text("/lib/exe/xmlrpc.php", "text/xml",
                           "<?xml version=\"1.0\"?><methodCall><methodName>wiki.getPage"
                           "</methodName><params><param><value><string>tests:first</string>"
                           "</value></param></params></methodCall>");
       }},
      {"old revisions", 200, "made by a test", get("/doku.php?id=wiki:welcome&do=revisions")},
      {"recent changes of pages", 200, "tests:first",
       get("/doku.php?do=recent&show_changes=pages")},
      {"feed", 200, "<rdf:RDF", get("/feed.php?mode=list&ns=wiki")},
      {"site map", 200, "idx=wiki", get("/doku.php?do=index")},
      {"profile", 200, "editor@wiki.example", get("/doku.php?do=profile")},
      {"settings", 200, "config", get("/doku.php?do=admin&page=config")},
      {"logout", 302, "set-cookie: ",
       [](Browser& browser) {
         const std::string token = browser.text_between("do=logout&amp;sectok=", "\"");
         browser.get("/doku.php?id=tests:first&do=logout&sectok=" + token);
       }},
      {"the page after it", 200, "do=login", follow},
  };
}

}  // namespace

TEST_SUITE("dokuwiki") {
  TEST_CASE("DokuWiki shows the same pages as behind nginx and php-fpm") {
    const Application dokuwiki{"dokuwiki", "usr/share/dokuwiki", "settings.php", {}};
    phork::apps::compare_pages(dokuwiki,
                               {visitor_pages(), editor_pages(), upload_pages(), wiki_pages()});
  }
}
