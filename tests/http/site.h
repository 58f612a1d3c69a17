// SPDX-License-Identifier: MIT
//
// The application of the HTTP cases as both sides serve it: the same files, the same php.ini
// settings on top of Debian's, folders of its own for uploads and sessions.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/base/pinned.h"
#include "tests/support/reference_server.h"
#include "tests/support/runtime_harness.h"

namespace phork::http_suite {

// What php.ini says beyond Debian's.
enum class Settings : std::uint8_t {
  kSmallLimits,  // so that cases can exceed them
  kUnusual,      // no output buffer, sessions that begin by themselves, an appended file
};

// The folders of one side, and the environment that makes PHP use them.
class Scratch : private base::Pinned {
 public:
  explicit Scratch(Settings settings = Settings::kSmallLimits);
  ~Scratch();

  std::map<std::string, std::string> environment() const;

  // Files of uploads that nobody has removed.
  int uploads_left() const;
  void remove_uploads() const;

 private:
  std::string folder_;
};

// Which of the applications in tests/fixtures/http.
enum class Application : std::uint8_t {
  kFrontController,  // public/: one script takes all
  kScripts,          // site/: several, and a request chooses (PHORK_ROUTE=files)
};

// How answers leave (PHORK_RESPONSE).
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

// The strategies this run is about: all, or the one that PHORK_TEST_STRATEGY names.
std::vector<std::string> strategies_under_test();

}  // namespace phork::http_suite
