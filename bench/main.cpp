// SPDX-License-Identifier: MIT
//
// phork-bench: measures strategy fork against its targets, or against an earlier run. Progress goes
// to stderr, the report to stdout. Exit code 0: every target that could be measured is met; 1: a
// target is missed or a scenario failed; 100: used wrongly; 111: the system failed; 130: stopped.
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sched.h>
#include <set>
#include <sys/mount.h>

#include <CLI/CLI.hpp>

#include "bench/figures/text.h"
#include "bench/report/report_json.h"
#include "bench/report/report_text.h"
#include "bench/suites/recorded_ratios.h"
#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"

namespace phork::bench {
namespace {

namespace fs = std::filesystem;

using enum base::ExitCode;
constexpr int kStopped = 130;  // by SIGINT, SIGTERM or SIGHUP, as a shell reports it

// Rounds differ little, as each begins with a fresh process; six show by how much.
constexpr Effort kUsual{.rounds = 6};
constexpr Effort kQuick{.rounds = 2, .warm_up = 20, .events = 100, .spaced = 20};
constexpr std::uint64_t kQuickSoak = 3000;
// Enough rounds to compare cold starts, and not too many for CI.
constexpr Effort kRatioEffort{.rounds = 8, .warm_up = 100, .events = 200, .spaced = 0};

std::atomic<bool> stopping = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler sets it

struct Options {
  bool ratios = false;
  bool record = false;
  std::vector<std::string> only;
  std::vector<std::string> also;
  bool quick = false;
  // 0: the default of the suite
  unsigned rounds = 0;
  unsigned samples = 0;
  std::uint64_t events = 0;
  std::string json_file;
  std::string figure_file;
  std::string earlier;
  std::string layer;
  std::string commit;
  std::string bootstrap;
  std::string source = ".";

  void add_to(CLI::App& app);
};

void Options::add_to(CLI::App& app) {
  std::set<std::string> names;
  for (const Scenario& scenario : scenarios()) names.emplace(scenario.name);
  app.add_option("--only", only, "Only this scenario; repeatable")->check(CLI::IsMember(names));
  app.add_option("--also", also,
                 "Another strategy for scenarios that compare strategies; repeatable");
  app.add_flag("--quick", quick,
               "Few rounds and events: a check that it works, without useful figures");
  app.add_option("--rounds", rounds, "Rounds of each strategy, each with a fresh process")
      ->check(CLI::Range(1U, 1000U));
  app.add_option("--samples", samples, "Events back to back in each round")
      ->check(CLI::Range(1U, 1'000'000U));
  app.add_option("--events", events, "Events of the soak (20000)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  app.add_option("--json", json_file, "File for all figures as JSON");
  app.add_option("--figure", figure_file, "File for the plot of scenario size as SVG");
  app.add_option("--commit", commit, "The commit that is measured, for the JSON");
  app.add_option("--bootstrap", bootstrap,
                 "Path of the runtime; by default `bootstrap` beside this program");
  app.add_option("--earlier", earlier,
                 "Path of an earlier bootstrap, for the target of cold starts of the page")
      ->check(CLI::ExistingFile);
  app.add_option("--layer", layer,
                 "Folder of an unpacked layer, to be measured beside the build's cold starts")
      ->check(CLI::ExistingDirectory);
  app.add_option("--source", source, "Root of the project")->capture_default_str();
}

Setup make_setup(const Options& options) {
  Effort effort = options.ratios ? kRatioEffort : kUsual;
  if (options.quick) effort = kQuick;
  if (options.rounds != 0) effort.rounds = options.rounds;
  if (options.samples != 0) effort.events = options.samples;
  Setup setup{.bootstrap = options.bootstrap,
              .source = fs::canonical(options.source).string(),
              .run = {effort, stopping,
                      [](const std::string& line) { std::cerr << "bench: " << line << '\n'; }}};
  if (setup.bootstrap.empty()) {
    setup.bootstrap = (fs::read_symlink("/proc/self/exe").parent_path() / "bootstrap").string();
  }
  setup.recorded_file = setup.source + "/bench/recorded.json";
  setup.record = options.record;
  if (options.quick) {
    setup.soak_events = kQuickSoak;
    setup.starts = 1;
  }
  setup.also = options.also;
  setup.bref = base::variable("PHORK_BREF_DIR");
  if (!options.layer.empty()) setup.layer = fs::canonical(options.layer).string();
  if (!options.earlier.empty()) setup.earlier = fs::canonical(options.earlier).string();
  if (options.events != 0) setup.soak_events = options.events;
  return setup;
}

// The answer of workload facts under `strategy`; "" when it does not start, which the scenarios
// report.
std::string ask_php(const Setup& setup, const std::string& strategy) {
  const std::unique_ptr<Subject> subject =
      make_subject(launch(setup, strategy, facts(setup.source)));
  if (!subject->start()) return {};
  base::Result<Answer> answer = subject->invoke();
  return answer ? std::move(answer->body) : std::string();
}

// Without a path or a text there is nothing to write.
bool write_output(const std::string& path, const std::string& text) {
  if (path.empty() || text.empty()) return true;
  const base::Status written = write_file(path, text);
  if (!written) base::log_error(written.error().text);
  return written.ok();
}

int run(const Options& options) {
  // Where that is allowed, mounts of scenarios are seen by this program and those that it starts.
  // It has no other thread yet.
  if (::unshare(CLONE_NEWNS) == 0) {
    base::check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "bench: keep mounts");
  }
  const Setup setup = make_setup(options);
  if (!setup.bref.empty() && !fs::is_directory(setup.bref + "/vendor/bref/bref")) {
    base::log_error("bench: read PHORK_BREF_DIR: expected a folder with vendor/bref/bref, got '" +
                    setup.bref + "'");
    return kUsedWrongly;
  }
  SuiteReport report{describe_machine(options.commit), setup.run.effort, {}};
  report.machine.php = ask_php(setup, "inprocess");
  report.machine.php_fpm = ask_php(setup, "fpm");
  bool written = true;
  const std::span<const Scenario> known =
      options.ratios ? std::span<const Scenario>(&kRatios, 1) : scenarios();
  for (const Scenario& scenario : known) {
    const bool chosen = options.only.empty() ||
                        std::ranges::find(options.only, scenario.name) != options.only.end();
    if (!chosen) continue;
    report.scenarios.push_back(measure(scenario, setup));
    if (stopping) return kStopped;
    written = write_output(options.figure_file, report.scenarios.back().figure) && written;
  }
  std::cout << to_text(report) << std::flush;
  written = write_output(options.json_file, to_json(report)) && written;
  if (!written) return kSystemFailed;
  return report.good() ? kOk : kFailed;
}

// An interrupt at the terminal does not reach the runtimes, which lead process groups of their own.
// The measuring code checks the flag between two events and ends them.
void catch_stop_signals() {
  struct sigaction action {};

  action.sa_handler = [](int) { stopping = true; };
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("Measure strategy fork against its targets", "phork-bench");
  app.require_subcommand(1);
  Options options;
  CLI::App* all = app.add_subcommand("fork", "Every scenario, or those named by --only");
  CLI::App* soak = app.add_subcommand("soak", "Scenario soak alone");
  CLI::App* ratios =
      app.add_subcommand("ratios", "A short run, compared with the ratios in bench/recorded.json");
  ratios->add_flag("--record", options.record, "Write that file instead");
  const CLI::App* echo =
      app.add_subcommand("echo", "Run as a runtime that answers each event with the event itself");
  options.add_to(*all);
  options.add_to(*ratios);
  options.add_to(*soak);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsedWrongly;
  }
  if (echo->parsed()) return run_echo_runtime();
  if (soak->parsed()) options.only = {"soak"};
  options.ratios = ratios->parsed();
  catch_stop_signals();
  return run(options);
}

}  // namespace
}  // namespace phork::bench

int main(int argc, char** argv) {
  try {
    return phork::bench::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    phork::base::log_error(std::string("bench: ") + error.what());
    return phork::base::kSystemFailed;
  }
}
