// SPDX-License-Identifier: MIT
//
// Scenario cold-start: the time from the start of the runtime until it asks for its first event,
// and the parts of it, with and without compiled code (PHORK_FILE_CACHE), of the build and of a
// layer. Every start is a fresh process, and all of one application take turns.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <sys/mount.h>
#include <utility>

#include "bench/subjects/launch.h"
#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"
#include "runtime/base/pinned.h"
#include "runtime/base/program.h"
#include "runtime/base/settings.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

namespace fs = std::filesystem;
using base::Status;

constexpr double kUsPerMs = 1000;
constexpr std::chrono::seconds kLoadTimeout{10};
constexpr std::chrono::seconds kCompileTimeout{60};
constexpr const char* kWithCode = " +code";

// As runtime/base/start_clock.h and RuntimeSubject name them. "php-worker" is from the settings
// until its first instruction: its start, its loader.
constexpr std::array<const char*, 10> kParts{"loader",      "settings",  "php-worker", "PHP",
                                             "application", "rehearsal", "seal",       "practice",
                                             "rollback",    "next"};

// A folder that nobody can write at a place of the bench's own name space of mounts. That takes
// root (main.cpp).
class ReadOnlyMount : private base::Pinned {
 public:
  ReadOnlyMount(const std::string& folder, std::string place)
      : place_(std::move(place)),
        is_there_(::mount(folder.c_str(), place_.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
                  ::mount(nullptr, place_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
                          nullptr) == 0) {}

  ~ReadOnlyMount() { ::umount2(place_.c_str(), MNT_DETACH); }

  bool is_there() const { return is_there_; }

 private:
  std::string place_;
  bool is_there_;
};

// Programs of phork in one place.
struct Deployment {
  std::string name;
  std::string bootstrap;

  std::string beside(const char* program) const {
    return bootstrap.substr(0, bootstrap.rfind('/') + 1) + program;
  }

  bool has_fpm() const {
    const auto names = base::php_program_names("php-fpm");
    return name == "layer" ? fs::exists(beside("php-fpm"))
                           : !base::find_program(names, base::variable("PATH")).empty();
  }
};

// The compiled code of a workload, made as for a package and read-only as on Lambda.
class PackagedCode : private base::Pinned {
 public:
  PackagedCode(const Deployment& deployment, const Workload& workload)
      : folder_((fs::temp_directory_path() / "phork-code-XXXXXX").string()) {
    if (::mkdtemp(folder_.data()) == nullptr) return;
    process::SpawnOptions options;
    options.program = deployment.beside("php-worker");
    options.arguments = {"php-worker", "--compile"};
    options.environment =
        environment_of(strategy_launch(deployment.bootstrap, "inprocess", workload));
    process::set_variable(options.environment, "_HANDLER", workload.handler);
    process::set_variable(options.environment, "LAMBDA_TASK_ROOT", workload.task_root);
    process::set_variable(options.environment, "PHORK_FILE_CACHE", folder_);
    const auto compiled =
        process::run_to_end(std::move(options), kCompileTimeout, process::ErrorStream::kWithOutput);
    // As `phork package` does: times of sources do not count.
    const bool is_marked = std::ofstream(folder_ + "/packaged").good();
    if (compiled && compiled->succeeded() && is_marked) mount_.emplace(folder_, folder_);
  }

  ~PackagedCode() {
    mount_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  bool is_ready() const { return mount_ && mount_->is_there(); }

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::optional<ReadOnlyMount> mount_;
};

double median_of(const Samples& samples) {
  return static_cast<double>(percentile(samples, 50));
}

// The part of a start that loads the program and its libraries: a run that does no work.
Status load_alone(const Deployment& deployment, const char* name, const char* argument,
                  unsigned starts, Table& table) {
  Samples took;
  for (unsigned i = 0; i < starts; ++i) {
    const auto started = std::chrono::steady_clock::now();
    process::SpawnOptions options;
    options.program = deployment.beside(name);
    options.arguments = {options.program, argument};
    const auto output =
        process::run_to_end(std::move(options), kLoadTimeout, process::ErrorStream::kWithOutput);
    if (!output) return output.error();
    const auto ended = std::chrono::steady_clock::now() - started;
    took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(ended).count());
  }
  table.rows.push_back({deployment.name + " " + name, {median_of(took)}});
  return base::ok_status();
}

// The median of each part, of the whole, and of the time until the first answer.
Table::Row row_of(const Series& series, std::string label) {
  Table::Row row{std::move(label), {}};
  for (const char* name : kParts) {
    Samples times;
    for (const Round& round : series.rounds) {
      std::int64_t sum = 0;
      for (const StartPart& part : round.start_parts) sum += part.name == name ? part.us : 0;
      times.push_back(sum);
    }
    row.values.push_back(median_of(times));
  }
  Samples answered;
  for (const Round& round : series.rounds) {
    answered.push_back(round.cold_start_us + round.first_event_us);
  }
  row.values.push_back(median_of(series.cold_starts_us()));
  row.values.push_back(median_of(answered));
  return row;
}

Table parts_table(const std::string& title) {
  Table table{title + ": parts of a cold start, p50 in us", {kParts.begin(), kParts.end()}, {}};
  table.columns.emplace_back("whole");
  table.columns.emplace_back("answered");
  return table;
}

// One application, of all deployments and under all strategies.
class Application : private base::Pinned {
 public:
  Application(const Setup& setup, const std::vector<Deployment>& deployments,
              const Workload& workload)
      : setup_(setup), workload_(workload) {
    for (const Deployment& deployment : deployments) add(deployment);
  }

  // Launches beside those of the deployments, such as Bref's.
  void add(Launch launch) { launches_.push_back(std::move(launch)); }

  // Starts all by turns. Rounds have nothing but the start and one event, and therefore more.
  Status measure(ScenarioReport& report) {
    Run run = setup_.run;
    // One of them is enough to make the application's files.
    if (const auto primed = prime(launches_.front(), run); !primed) return primed.error();
    run.effort = {
        .rounds = setup_.starts * run.effort.rounds, .warm_up = 0, .events = 0, .spaced = 0};
    const std::size_t first = report.series.size();
    if (Status started = measure_in_turns(launches_, run, report); !started) return started;
    for (std::size_t i = first; i < report.series.size(); ++i) {
      const std::string& label = report.series[i].label;
      const std::string title = label.substr(0, label.find(' ')) + " " + workload_.name;
      const bool is_ours = label.starts_with(title + " ");
      if (is_ours && (tables_.empty() || !tables_.back().title.starts_with(title))) {
        tables_.push_back(parts_table(title));
      }
      tables_.back().rows.push_back(
          row_of(report.series[i], is_ours ? label.substr(title.size() + 1) : label));
    }
    std::ranges::move(tables_, std::back_inserter(report.tables));
    return base::ok_status();
  }

 private:
  void add(const Deployment& deployment) {
    auto code = std::make_unique<PackagedCode>(deployment, workload_);
    if (!code->is_ready()) setup_.run.say("no compiled code, which only root can make read-only");
    for (const char* strategy : {"inprocess", "fork", "rollback", "prespawn", "exec", "fpm"}) {
      const bool is_fpm = std::string_view(strategy) == "fpm";
      if (is_fpm && !deployment.has_fpm()) continue;
      Launch launch = strategy_launch(deployment.bootstrap, strategy, workload_);
      launch.label = deployment.name + " " + workload_.name + " " + strategy;
      launch.environment = {{"AWS_LAMBDA_LOG_LEVEL", "DEBUG"}, {"PHORK_FILE_CACHE", "off"}};
      launches_.push_back(launch);
      // php-fpm's PHP reads no compiled code.
      if (is_fpm || !code->is_ready()) continue;
      launch.label += kWithCode;
      launch.environment.back().second = code->folder();
      launches_.push_back(std::move(launch));
    }
    code_.push_back(std::move(code));
  }

  const Setup& setup_;
  const Workload workload_;
  std::vector<std::unique_ptr<PackagedCode>> code_;
  std::vector<Launch> launches_;
  std::vector<Table> tables_;
};

void judge_start(const std::string& of, const std::string& to, double limit,
                 ScenarioReport& report) {
  report.findings.push_back(
      compare_cold_starts(series_of(report.series, of), series_of(report.series, to), limit));
}

// The label of a start with compiled code, or without it where there can be none.
std::string best_of(const ScenarioReport& report, const std::string& label) {
  const auto has_label = [&label](const Series& series) {
    return series.label == label + kWithCode;
  };
  return std::ranges::any_of(report.series, has_label) ? label + kWithCode : label;
}

Status start_hello(const Setup& setup, const std::vector<Deployment>& deployments,
                   ScenarioReport& report) {
  Application application(setup, deployments, hello(setup.source));
  if (!setup.bref.empty()) application.add(bref_launch(setup.source, "loop", hello(setup.source)));
  if (Status started = application.measure(report); !started || setup.bref.empty()) return started;
  judge_start(best_of(report, "build hello inprocess"), "bref-loop", 1.1, report);
  judge_start(best_of(report, "build hello fork"), "bref-loop", 1.3, report);
  return base::ok_status();
}

// The page with its rehearsal, against the limits that the design set from the first edition's
// cold starts on its machine, or, in one run, against an earlier bootstrap.
Status start_page(const Setup& setup, const std::vector<Deployment>& deployments,
                  ScenarioReport& report) {
  constexpr double kOfEarlier = 0.45;
  constexpr std::array<std::pair<const char*, double>, 2> kEarlierMs{
      {{"inprocess", 55}, {"fork", 67}}};
  const Workload page = symfony_page(setup.source);
  Application application(setup, deployments, page);
  for (const auto& [strategy, ms] : kEarlierMs) {
    if (setup.earlier.empty()) break;
    application.add(strategy_launch(setup.earlier, strategy, page));
  }
  if (Status started = application.measure(report); !started) return started;
  for (const auto& [strategy, ms] : kEarlierMs) {
    const std::string label = best_of(report, std::string("build symfony ") + strategy);
    if (!setup.earlier.empty()) {
      judge_start(label, strategy, kOfEarlier, report);
      continue;
    }
    report.findings.push_back(
        {.target = label + " cold start p50",
         .unit = "ms",
         .limit = kOfEarlier * ms,
         .measured = median_of(series_of(report.series, label).cold_starts_us()) / kUsPerMs,
         .note = "0.45 x that of 0.1.0 on one machine; --earlier compares in one run"});
  }
  return base::ok_status();
}

}  // namespace

Status measure_cold_start(const Setup& setup, ScenarioReport& report) {
  std::vector<Deployment> deployments{{"build", setup.bootstrap}};
  std::optional<ReadOnlyMount> layer;
  if (!setup.layer.empty()) {
    // Paths in its files begin there.
    layer.emplace(setup.layer, "/opt");
    if (layer->is_there()) deployments.push_back({"layer", "/opt/phork/bootstrap"});
    if (!layer->is_there()) setup.run.say("no layer, which only root can mount");
  }
  const unsigned starts = setup.starts * setup.run.effort.rounds;
  report.tables = {{"loading alone, p50 in us", {"whole"}, {}}};
  for (const Deployment& deployment : deployments) {
    for (const auto& [program, argument] :
         {std::pair{"bootstrap", "--list-strategies"}, std::pair{"php-worker", "--version"}}) {
      Status loaded = load_alone(deployment, program, argument, starts, report.tables.front());
      if (!loaded) return loaded;
    }
  }
  if (Status started = start_hello(setup, deployments, report); !started) return started;
  if (!missing(symfony_page(setup.source))) {
    if (Status started = start_page(setup, deployments, report); !started) return started;
  }
  const Workload page = laravel_page(setup.source);
  if (missing(page)) return base::ok_status();
  return Application(setup, deployments, page).measure(report);
}

}  // namespace phork::bench
