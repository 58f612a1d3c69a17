// SPDX-License-Identifier: MIT
#include "cli/hot_reload.h"

#include <string>
#include <utility>

namespace phork::cli {
namespace {

std::string describe(const std::string& file, std::size_t others) {
  std::string line = "reload: " + file;
  if (others > 0) line += " and " + std::to_string(others) + " more";
  return line + " changed";
}

}  // namespace

std::unique_ptr<emulator::SourceWatch> reload_on_change(emulator::LocalLambda& lambda,
                                                        emulator::LogSink& log) {
  emulator::SourceWatch::Options options;
  options.root = lambda.config().task_root;
  return std::make_unique<emulator::SourceWatch>(
      std::move(options), emulator::SourceWatch::Hooks{
                              [&lambda, &log](const std::string& file, std::size_t others) {
                                lambda.renew();  // first: who has read the line may count on it
                                log.append(describe(file, others));
                              },
                              [&log](const std::string& line) { log.append(line); }});
}

}  // namespace phork::cli
