// SPDX-License-Identifier: MIT
//
// The application of the HTTP cases, for both sides: the same files, the same php.ini settings on
// top of Debian's, and folders for uploads and sessions that belong to one side.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/base/pinned.h"
#include "tests/support/reference_server.h"
#include "tests/support/runtime_harness.h"

namespace phork::http_suite {

// The settings on top of Debian's php.ini.
enum class Settings : std::uint8_t {
  kSmallLimits,  // so that cases can exceed them
  kUnusual,      // no output buffer, sessions that begin by themselves, an appended file
  kFlushed,      // the same, and each piece of output leaves at once
};

// The folders of one side, and the environment that makes PHP use them.
class Scratch : private base::Pinned {
 public:
  explicit Scratch(Settings settings = Settings::kSmallLimits);
  ~Scratch();

  std::map<std::string, std::string> environment() const;

  // The number of files left in the folder for uploads.
  int uploads_left() const;
  void remove_uploads() const;

 private:
  std::string folder_;
};

// The applications in tests/fixtures/http.
enum class Application : std::uint8_t {
  kFrontController,  // public/: one script takes all
  kScripts,          // site/: several, and a request chooses (PHORK_ROUTE=files)
};

// The value of PHORK_RESPONSE.
enum class Delivery : std::uint8_t { kBuffered, kStreamed };

// One way to run an application.
struct Arrangement {
  Application application = Application::kFrontController;
  Settings settings = Settings::kSmallLimits;
  Delivery delivery = Delivery::kBuffered;
};

testing::ReferenceOptions reference_options(const Scratch& scratch, Application application);
testing::RuntimeOptions runtime_options(const Scratch& scratch, const Arrangement& arrangement,
                                        const std::string& strategy);

// The strategies of this run: all, or the one that PHORK_TEST_STRATEGY names.
std::vector<std::string> strategies_under_test();

}  // namespace phork::http_suite
