// SPDX-License-Identifier: MIT
#include "packaging/deployment/template.h"

#include <string>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

using phork::packaging::Template;
using phork::packaging::template_names;
using phork::testing::contains;
using phork::testing::ScratchFolder;

namespace {

constexpr const char* kText =
    "# A comment.\n"
    "Parameters:\n"
    "  Name:\n"
    "    Type: String\n"
    "    MinLength: 1\n"
    "    Description: The name of it\n"
    "  Size:\n"
    "    Type: Number\n"
    "    Default: 128\n"
    "  Kind:\n"
    "    Type: String\n"
    "    Default: a\n"
    "    AllowedValues: [a, 'b']\n"
    "Resources:\n"
    "  Thing:\n"
    "    Type: AWS::Thing\n";

class Templates {
 public:
  explicit Templates(const std::string& text = kText) { folder_.write("thing.yaml", text); }

  Template read() const { return Template::read(folder_.file(""), "thing").value(); }

  const ScratchFolder& folder() const { return folder_; }

 private:
  ScratchFolder folder_;
};

}  // namespace

TEST_SUITE("template") {
  TEST_CASE("values become defaults, and everything else stays") {
    Template thing = Templates().read();

    REQUIRE(thing.set("Name", "it's: \"one\""));
    REQUIRE(thing.set("Size", "512"));
    REQUIRE(thing.set("Kind", "b"));

    CHECK(thing.fill().value() ==
          "# A comment.\n"
          "Parameters:\n"
          "  Name:\n"
          "    Type: String\n"
          "    Default: 'it''s: \"one\"'\n"
          "    MinLength: 1\n"
          "    Description: The name of it\n"
          "  Size:\n"
          "    Type: Number\n"
          "    Default: 512\n"
          "  Kind:\n"
          "    Type: String\n"
          "    Default: 'b'\n"
          "    AllowedValues: [a, 'b']\n"
          "Resources:\n"
          "  Thing:\n"
          "    Type: AWS::Thing\n");
  }

  TEST_CASE("a variable without a value is named, with its meaning and the flag that gives it") {
    CHECK(Templates().read().fill().error().text ==
          "deploy: fill template 'thing': variable Name is missing: The name of it; give it with "
          "--set Name=VALUE");
  }

  TEST_CASE("values that a variable cannot have are refused") {
    Template thing = Templates().read();
    const auto refused = [&thing](const char* name, const char* value) {
      const auto set = thing.set(name, value);
      return set ? std::string() : set.error().text;
    };

    CHECK(
        refused("Color", "x") ==
        "deploy: set variable 'Color': template thing has no such variable, but Name, Size, Kind");
    CHECK(refused("Kind", "c") == "deploy: set variable 'Kind': expected one of a, b, got 'c'");
    CHECK(refused("Size", "12x") == "deploy: set variable 'Size': expected a number, got '12x'");
    CHECK(contains(refused("Name", "a\nb"), "control character"));
    CHECK_FALSE(thing.fill());
  }

  TEST_CASE("a pattern of a variable holds for its whole value, unless only Java can read it") {
    const auto set = [](const std::string& pattern, const char* value) {
      const std::string text =
          "Parameters:\n  Path:\n    Type: String\n    AllowedPattern: " + pattern +
          "\n    Description: A path\n";
      return Templates(text).read().set("Path", value);
    };

    CHECK(set("'(/[a-z]+)*'", "/shop/prod"));
    CHECK(set("'(/[a-z]+)*'", ""));
    CHECK(set("'(/[a-z]+)*'", "/shop/*").error().text ==
          "deploy: set variable 'Path': expected text that matches (/[a-z]+)*, got '/shop/*': A "
          "path");
    CHECK(set("(?<name>.*)", "/shop"));
  }

  TEST_CASE("a template that is not there: which ones are") {
    const Templates templates;

    CHECK(Template::read(templates.folder().file(""), "other").error().text ==
          "deploy: find template 'other': expected one of thing");
    CHECK_FALSE(Template::read(templates.folder().file(""), "../thing"));
    CHECK(contains(Template::read(templates.folder().file("none"), "thing").error().text,
                   "install phork again"));
  }

  TEST_CASE("one that was filled in before is read from its file, with what it says") {
    const Templates templates;
    Template first = templates.read();
    REQUIRE(first.set("Name", "'quoted' # no comment"));
    const std::string path =
        templates.folder().write("mine.yaml", first.fill().value() + "Outputs: {}\n");

    Template again = Template::read("none", path).value();

    CHECK(again.find("Name")->value == "'quoted' # no comment");
    CHECK(again.fill().value() == first.fill().value() + "Outputs: {}\n");
    REQUIRE(again.set("Name", "other"));
    CHECK(contains(again.fill().value(), "    Default: 'other'\n    MinLength: 1\n"));
    CHECK(contains(Template::read("none", path + ".yaml").error().text, "got no text"));
  }

  TEST_CASE("each template that ships can be filled, and has nothing but the form that is read") {
    const std::string folder = phork::base::variable("PHORK_SOURCE") + "/deploy/sam";
    const auto names = template_names(folder);
    CHECK(names.size() == 7);
    for (const std::string& name : names) {
      CAPTURE(name);
      Template read = Template::read(folder, name).value();
      REQUIRE(read.find("Handler"));
      CHECK_FALSE(read.find("Handler")->description.empty());
      CHECK(read.set("Handler", "index.php"));
      CHECK(read.set("SecretsPath", "/shop/prod"));
      CHECK_FALSE(read.set("SecretsPath", "/shop/*"));
      CHECK_FALSE(read.set("SecretsPath", "/shop/"));
      CHECK(read.set("SecretName", "shop/api"));
      CHECK_FALSE(read.set("SecretName", "shop/?"));
      CHECK(read.wants_image() == (name == "image"));
      CHECK(read.wants_assets() == (name == "site"));
      if (read.wants_image()) {
        CHECK(contains(read.fill().error().text, "ImageUri"));
        CHECK(read.set("ImageUri", "1"));
      }
      const auto filled = read.fill();
      REQUIRE(filled);
      CHECK(contains(filled.value(), "    Default: 'index.php'\n"));
    }
  }
}
