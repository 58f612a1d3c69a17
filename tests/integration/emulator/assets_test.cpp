// SPDX-License-Identifier: MIT
//
// The static files that `phork serve` hands out beside a real script.
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;

// A script in public/, with a style sheet, a video and a page beside it.
class Application : public testing::ScratchFolder {
 public:
  Application() {
    write("public/index.php", "<?php echo 'script ', $_SERVER['REQUEST_URI'];");
    write("public/site.css", "body { color: teal }");
    write("public/docs/index.html", "<h1>Docs</h1>");
    write("public/.env", "KEY=hidden");
    write("private.txt", "KEY=private");
    std::string video(std::size_t{3} << 20, '\0');
    for (std::size_t i = 0; i < video.size(); ++i) video[i] = static_cast<char>(i * 31 >> 3U);
    write("public/video.mp4", video);
    std::filesystem::create_symlink("../private.txt", file("public/link.txt"));
  }
};

std::string answer(const testing::Served& served, const std::string& target,
                   const std::string& method = "GET") {
  return served.call({method, target, {}, {}}).body;
}

}  // namespace

TEST_SUITE("assets") {
  TEST_CASE("files of public/ are served, and everything else is the function's") {
    const Application app;
    const testing::Served served(app.path());
    const emulator::HttpReply style = served.call({"GET", "/site.css?v=2", {}, {}});
    CHECK(style.status == 200);
    CHECK(style.body == "body { color: teal }");
    CHECK(style.header("content-type") == "text/css; charset=utf-8");
    CHECK(answer(served, "/docs/") == "<h1>Docs</h1>");
    CHECK(answer(served, "/") == "script /");
    CHECK(answer(served, "/.env") == "script /.env");
    CHECK(answer(served, "/index.php") == "script /index.php");
    CHECK(answer(served, "/missing.css") == "script /missing.css");
    CHECK(answer(served, "/site.css", "POST") == "script /site.css");
    const emulator::HttpReply folder = served.call({"GET", "/docs?a=1", {}, {}});
    CHECK(folder.status == 301);
    CHECK(folder.header("location") == "/docs/?a=1");
    // Said once.
    CHECK(served.logs("assets: serving files of public/, as a CDN does on Lambda"));
    CHECK(testing::count(served.log(), "assets: ") == 1);
  }

  TEST_CASE("conditions, ranges and HEAD") {
    const Application app;
    const testing::Served served(app.path());
    const emulator::HttpReply whole = served.call({"GET", "/video.mp4", {}, {}});
    REQUIRE(whole.status == 200);
    CHECK(whole.body == app.read("public/video.mp4"));
    const std::string tag(whole.header("etag"));
    const emulator::HttpReply known =
        served.call({"GET", "/video.mp4", {{"If-None-Match", tag}}, {}});
    CHECK(known.status == 304);
    CHECK(known.body.empty());
    const emulator::HttpReply part =
        served.call({"GET", "/video.mp4", {{"Range", "bytes=300000-1299999"}}, {}});
    CHECK(part.status == 206);
    CHECK(part.body == whole.body.substr(300'000, 1'000'000));
    const emulator::HttpReply head = served.call({"HEAD", "/video.mp4", {}, {}});
    CHECK(head.status == 200);
    CHECK(head.header("content-length") == std::to_string(whole.body.size()));
    CHECK(head.body.empty());
  }

  TEST_CASE("nothing outside of the root is handed out") {
    const Application app;
    const testing::Served served(app.path());
    for (const char* target : {"/../private.txt", "/%2e%2e/private.txt", "/docs/../..//private.txt",
                               "/..%2fprivate.txt", "/site.css%00", "/link.txt"}) {
      CAPTURE(target);
      const emulator::HttpReply reply = served.call({"GET", target, {}, {}});
      CHECK(reply.status == 404);
      CHECK(contains(reply.body, R"({"message":"Not Found: )"));
      CHECK_FALSE(contains(reply.body, "private"));
    }
    CHECK(answer(served, "/") == "script /");
  }

  TEST_CASE("with --no-assets every request is the function's") {
    const Application app;
    const testing::Served served(app.path(), {"--no-assets"});
    CHECK(answer(served, "/site.css") == "script /site.css");
    CHECK(answer(served, "/%2e%2e/private.txt") == "script /../private.txt");
  }

  TEST_CASE("the folder of the entry keeps the files of the application") {
    const testing::ScratchFolder app;
    app.write("index.php", "<?php echo 'script ', $_SERVER['REQUEST_URI'];");
    app.write("assets/site.css", "css");
    app.write("composer.json", "{}");
    app.write("data.sqlite", "rows");
    const testing::Served served(app.path());
    CHECK(answer(served, "/assets/site.css") == "css");
    CHECK(answer(served, "/composer.json") == "script /composer.json");
    CHECK(answer(served, "/data.sqlite") == "script /data.sqlite");
  }

  TEST_CASE("--assets names the document root, and a folder that is missing is told") {
    const Application app;
    app.write("web/data.bin", "bytes");
    const testing::Served served(app.path(), {"--assets", "web"});
    CHECK(answer(served, "/data.bin") == "bytes");
    CHECK(answer(served, "/site.css") == "script /site.css");
    app.remove("web/data.bin");
    app.remove("web");
    CHECK(answer(served, "/data.bin") == "script /data.bin");
    CHECK(served.logs("assets: the document root web/ is gone"));

    const auto refusal = [&app](const char* folder) {
      const Finished ended = testing::run_program(
          testing::program("phork"), {"serve", app.path(), "--port", "0", "--assets", folder}, {});
      CHECK(ended.status.describe() == "exit code 100");
      return ended.output;
    };
    CHECK(contains(refusal("nowhere"), "/nowhere': expected a folder, got none; --assets names"));
    CHECK(contains(refusal("private.txt"), "/private.txt': expected a folder, got a file"));
  }
}
