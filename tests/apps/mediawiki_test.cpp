// SPDX-License-Identifier: MIT
//
// MediaWiki from Debian's package, on SQLite: large, with sessions and caches in its database, work
// that is done after the answer, and scripts reached through symbolic links.
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/session.h"
#include "tests/support/runtime_harness.h"

namespace {

using phork::apps::Application;
using phork::apps::Browser;
using phork::apps::File;
using phork::apps::Page;

std::function<void(Browser&)> get(const std::string& target) {
  return [target](Browser& browser) { browser.get(target); };
}

void follow(Browser& browser) {
  browser.follow();
}

void log_in(Browser& browser, const std::string& password) {
  browser.submit("wpLoginToken", {{"wpName", "Admin"}, {"wpPassword", password}}, "wploginattempt");
}

// A picture of the package.
std::string picture_bytes() {
  const std::string name = "usr/share/mediawiki/resources/assets/file-type-icons/fileicon-c.png";
  std::ifstream file(phork::apps::in_root(name), std::ios::binary);
  REQUIRE_MESSAGE(file.is_open(), name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Debian 12 has 1.39; 1.43, of Debian 13, has the description of its search in its REST API.
bool is_newer_wiki() {
  std::ifstream file(phork::apps::in_root("usr/share/mediawiki/includes/Defines.php"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.find("'MW_VERSION', '1.39") == std::string::npos;
}

Page search_description() {
  const char* const target = is_newer_wiki() ? "/rest.php/v1/search" : "/opensearch_desc.php";
  return {"OpenSearch", 200, "OpenSearchDescription", get(target)};
}

std::vector<Page> visitor_pages() {
  return {
      {"/ leads to the main page", 301, "location: https://wiki.example/index.php/Main_Page",
       get("/")},
      {"main page", 200, "MediaWiki has been installed", follow},
      {"the same by its parameter", 200, "MediaWiki has been installed",
       get("/index.php?title=Main_Page")},
      {"page that is not written yet", 404, "There is currently no text in this page",
       get("/index.php/No_such_page")},
      {"a path that is no file", 200, "MediaWiki has been installed", get("/no/such/page?x=1")},
      {"history", 200, "mw-history", get("/index.php?title=Main_Page&action=history")},
      {"information", 200, "Page information", get("/index.php?title=Main_Page&action=info")},
      {"source", 200, "Consult the", get("/index.php?title=Main_Page&action=raw")},
      {"page in another skin and language", 200, "skin-monobook",
       get("/index.php?title=Main_Page&useskin=monobook&uselang=de")},
      {"CSS", 200, "text/css",
       get("/load.php?lang=en&modules=skins.vector.styles.legacy&only=styles&skin=vector")},
      {"JavaScript that starts the page", 200, "mw.loader",
       get("/load.php?lang=en&modules=startup&only=scripts&raw=1&skin=vector")},
      {"JavaScript of several modules", 200, "mw.loader.impl",
       get("/load.php?lang=en&modules=jquery%7Cmediawiki.base%7Coojs&skin=vector&version=1")},
      search_description(),
      {"all messages", 200, "allmessages", get("/index.php/Special:AllMessages")},
      {"version", 200, is_newer_wiki() ? "1.43" : "1.39", get("/index.php/Special:Version")},
  };
}

std::vector<Page> interface_pages() {
  return {
      {"feed, which the API has", 302, "location: https://wiki.example/api.php?",
       get("/index.php?title=Special:RecentChanges&feed=atom")},
      {"feed", 200, "<feed", follow},
      {"API", 200, "\"general\"",
       get("/api.php?action=query&meta=siteinfo&format=json&formatversion=2")},
      {"API that is asked for nonsense", 200, "badvalue",
       get("/api.php?action=nonsense&format=json")},
      {"REST API", 200, "Main_Page", get("/rest.php/v1/page/Main_Page")},
      {"REST API for what is missing", 404, "Not Found", get("/rest.php/v1/page/No_such_page")},
      {"edit without login", 200, "wpTextbox1", get("/index.php?title=First&action=edit")},
  };
}

std::vector<Page> editor_pages() {
  return {
      {"login form", 200, "wpLoginToken", get("/index.php?title=Special:UserLogin")},
      {"login with a wrong password", 200, "Incorrect username or password",
       [](Browser& browser) { log_in(browser, "wrong"); }},
      {"login", 302, "set-cookie: ", [](Browser& browser) { log_in(browser, "admin-secret-1"); }},
      {"the page behind it", 200, "pt-logout", follow},
      {"editor", 200, "wpTextbox1", get("/index.php?title=First&action=edit")},
      {"preview", 200, "only a preview",
       [](Browser& browser) {
         browser.submit("wpTextbox1", {{"wpTextbox1", "Draft '''bold'''"}}, "wpPreview");
       }},
      {"save", 302, "location: ",
       [](Browser& browser) {
         const std::string text =
             "Unwahrscheinlich '''bold''' & <nowiki><\"quoted\"></nowiki> [[Second]] "
             "Grüße<ref>a note</ref> {{#expr: 6 * 7}}\n\n== Head ==\n[[Category:Tests]]\n";
         browser.submit("wpTextbox1", {{"wpTextbox1", text}, {"wpSummary", "made by a test"}},
                        "wpSave");
       }},
      {"the saved page", 200, "<b>bold</b>", follow},
      {"section editor", 200, "== Head ==", get("/index.php?title=First&action=edit&section=1")},
      {"save of the section", 302, "location: ",
       [](Browser& browser) {
         browser.submit("wpTextbox1", {{"wpTextbox1", "== Head ==\nmore [[Category:Tests]]"}},
                        "wpSave");
       }},
      {"difference", 200, "diff-addedline", get("/index.php?title=First&diff=cur&oldid=prev")},
      {"category", 200, "Category:Tests", get("/index.php/Category:Tests")},
  };
}

std::vector<Page> upload_pages() {
  return {
      {"upload form", 200, "wpUploadFile", get("/index.php/Special:Upload")},
      {"upload", 302, "File:Dot.png",
       [](Browser& browser) {
         browser.upload("wpUploadFile",
                        {{"wpDestFile", "Dot.png"}, {"wpUploadDescription", "A dot"}},
                        File{"wpUploadFile", "dot.png", "image/png", picture_bytes()}, "wpUpload");
       }},
      {"its page", 200, "A dot", follow},
      {"the uploaded file", 200, picture_bytes(),
       [](Browser& browser) {
         browser.get(browser.text_between("class=\"fullImageLink\" id=\"file\"><a href=\"", "\""));
       }},
  };
}

std::vector<Page> wiki_pages() {
  return {
      {"search", 200, "First", get("/index.php?search=unwahrscheinlich&fulltext=1")},
      {"search that leads to a page", 302, "location: ", get("/index.php?search=first&go=Go")},
      {"preferences", 200, "mw-prefs-form", get("/index.php/Special:Preferences")},
      {"edit through the API", 200, "\"Success\"",
       [](Browser& browser) {
         browser.get("/api.php?action=query&meta=tokens&format=json");
         std::string token = browser.text_between("\"csrftoken\":\"", "\\\\\"");
         browser.post("/api.php", {{"action", "edit"},
                                   {"format", "json"},
                                   {"title", "Second"},
                                   {"text", "by the API"},
                                   {"token", token + "\\"}});
       }},
      {"page made through the API", 200, "by the API", get("/index.php/Second")},
      // Not Special:RecentChanges: it has no order for changes of the same second.
      {"history of the saved page", 200, "made by a test",
       get("/index.php?title=First&action=history")},
      {"log of uploads", 200, "File:Dot.png", get("/index.php?title=Special:Log&type=upload")},
      {"logout form", 200, "Do you want to log out", get("/index.php/Special:UserLogout")},
      {"logout", 200, "You are now logged out",
       [](Browser& browser) { browser.submit("Special:UserLogout", {}, ""); }},
      {"main page after it", 200, "pt-login", get("/index.php/Main_Page")},
  };
}

}  // namespace

TEST_SUITE("mediawiki") {
  TEST_CASE("MediaWiki shows the same pages as behind nginx and php-fpm") {
    const Application mediawiki{
        "mediawiki", "var/lib/mediawiki", "", {{"MW_CONFIG_FILE", "$ROOT/settings.php"}}};
    phork::apps::compare_pages(mediawiki, {visitor_pages(), interface_pages(), editor_pages(),
                                           upload_pages(), wiki_pages()});
  }
}
