// SPDX-License-Identifier: MIT
//
// Feeds PHP a request body. The first line of the input is the content type, the rest the body of a
// POST; PHP parses it when an event opens. Whatever it is, PHP survives, no user code runs during
// parsing, files and memory are released when the event is closed, and the next event sees nothing
// of it. PHP itself is not instrumented: the fuzzer learns from the parser's results.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/pinned.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

namespace fs = std::filesystem;
using namespace phork;
using fuzz::require;

constexpr char kBoot[] = R"(
  ini_set('log_errors', '0');
  $GLOBALS['handled'] = 0;
  set_error_handler(static function (): bool { ++$GLOBALS['handled']; return true; });
)";

constexpr std::size_t kCounters = 1024;

// The fuzzer counts these as coverage besides that of instrumented code.
// https://llvm.org/docs/LibFuzzer.html
__attribute__((section("__libfuzzer_extra_counters"))) std::uint8_t counters[kCounters];

void learn(std::size_t what, std::size_t value) {
  ++counters[(what * 2654435761U + value) % kCounters];
}

// The folder where PHP puts uploads; removed when the process ends.
class UploadFolder : private base::Pinned {
 public:
  UploadFolder() {
    std::string name = (fs::temp_directory_path() / "phork-fuzz.XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "a folder for uploads can be made");
    path_ = name;
    ::setenv("TMPDIR", path_.c_str(), 1);
  }

  ~UploadFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  bool empty() const { return fs::is_empty(path_); }

 private:
  fs::path path_;
};

const UploadFolder& uploads() {
  static const UploadFolder folder;
  return folder;
}

void evaluate(const char* code, zval* result = nullptr) {
  const bool completed = sapi::guarded([&] { zend_eval_string(code, result, "post_body_fuzz"); });
  require(completed, "the code of the fuzzer itself works");
}

zend_long handler_calls() {
  const zval* handled = zend_hash_str_find(&EG(symbol_table), "handled", sizeof("handled") - 1);
  require(handled != nullptr && Z_TYPE_P(handled) == IS_LONG, "the boot's globals are kept");
  return Z_LVAL_P(handled);
}

std::string read_input() {
  zval input;
  ZVAL_NULL(&input);
  evaluate("file_get_contents('php://input')", &input);
  require(Z_TYPE(input) == IS_STRING, "php://input can be read");
  std::string text(Z_STRVAL(input), Z_STRLEN(input));
  zval_ptr_dtor(&input);
  return text;
}

std::size_t count_of(int track) {
  const zval& global = PG(http_globals)[track];
  require(Z_TYPE(global) == IS_ARRAY, "a superglobal is an array");
  return zend_hash_num_elements(Z_ARRVAL(global));
}

// Learns the shape and size of the parsed values, but not their text.
void learn_array(const zval& values, std::size_t depth) {
  const zval* value = nullptr;
  ZEND_HASH_FOREACH_VAL(Z_ARRVAL(values), value) {
    learn(depth, Z_TYPE_P(value));
    if (Z_TYPE_P(value) == IS_ARRAY) learn_array(*value, depth + 1);
    if (Z_TYPE_P(value) == IS_LONG) learn(100, static_cast<std::size_t>(Z_LVAL_P(value)) % 16);
  }
  ZEND_HASH_FOREACH_END();
  learn(depth + 200, zend_hash_num_elements(Z_ARRVAL(values)));
}

void learn_outcome() {
  learn_array(PG(http_globals)[TRACK_VARS_POST], 1);
  learn_array(PG(http_globals)[TRACK_VARS_FILES], 20);
  if (PG(last_error_message) == nullptr) return;
  learn(300, std::hash<std::string_view>()(
                 std::string_view(ZSTR_VAL(PG(last_error_message))).substr(0, 24)));
}

void open(const char* method, std::string_view type, std::string_view body) {
  sapi::current_context() = sapi::ServerContext{};
  sapi::ServerContext& context = sapi::current_context();
  context.output = sapi::OutputTo::kResponse;
  sapi::note_copies();
  context.variables = {{"REQUEST_METHOD", method}, {"SCRIPT_NAME", "/index.php"}};
  if (!type.empty()) context.variables.push_back({"CONTENT_TYPE", std::string(type)});
  context.body = body;
  const zend_long calls = handler_calls();
  require(sapi::guarded([] { sapi::open_event(sapi::Lifetime::kManyEvents); }),
          "an event opens whatever its body is");
  require(handler_calls() == calls, "no user code runs while input is parsed");
}

void close() {
  sapi::end_user_code(sapi::Lifetime::kManyEvents);
  sapi::close_event();
  require(uploads().empty(), "uploads are gone when the event is closed");
}

bool is_multipart(std::string_view type) {
  constexpr std::string_view kMultipart = "multipart/form-data";
  return type.size() >= kMultipart.size() &&
         ::strncasecmp(type.data(), kMultipart.data(), kMultipart.size()) == 0;
}

void serve_post(std::string_view type, std::string_view body) {
  open("POST", type, body);
  learn_outcome();
  const std::string input = read_input();
  const bool too_long = static_cast<zend_long>(body.size()) > SG(post_max_size);
  require(too_long || is_multipart(type) || input == body, "php://input is the body");
  close();
}

void serve_get() {
  open("GET", {}, {});
  require(count_of(TRACK_VARS_POST) == 0, "an event sees nothing of the form before it");
  require(count_of(TRACK_VARS_FILES) == 0, "an event sees nothing of the uploads before it");
  require(read_input().empty(), "an event sees nothing of the body before it");
  close();
}

// PHP's own tables grow now and then, but a leak of an event grows every time.
bool grows_each_time(std::string_view type, std::string_view body) {
  constexpr int kTries = 6;
  for (int i = 0; i < kTries; ++i) {
    const std::size_t used = zend_memory_usage(false);
    serve_post(type, body);
    serve_get();
    if (zend_memory_usage(false) <= used) return false;
  }
  return true;
}

}  // namespace

#pragma clang diagnostic ignored "-Wreserved-identifier"
// PHP keeps memory of its start-up until the process ends. The name is the sanitizer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" const char* __asan_default_options();

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerInitialize(int* argument_count, char*** arguments);

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerInitialize(int* /*argument_count*/, char*** arguments) {
  uploads();
  const char* source = std::getenv("PHORK_SOURCE");
  require(source != nullptr, "PHORK_SOURCE names the folder of the project");
  // Small limits, so that small inputs exceed them; no extensions of this machine.
  ::setenv("PHP_INI_SCAN_DIR", (std::string(source) + "/tests/fuzz/ini").c_str(), 1);
  require(sapi::start_php((*arguments)[0]).ok(), "PHP starts");
  evaluate(kBoot);
  sapi::close_boot();
  return 0;
}

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::GuardedBytes bytes(fuzz::as_text(data, size));
  const std::string_view text = bytes.view();
  const std::size_t line = std::min(text.find('\n'), text.size());
  // A header field contains no NUL.
  const std::string_view type = text.substr(0, std::min(line, text.find('\0')));
  const std::string_view body = text.substr(std::min(line + 1, text.size()));
  require(!grows_each_time(type, body), "an event leaves no memory behind");
  return 0;
}
