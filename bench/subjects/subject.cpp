// SPDX-License-Identifier: MIT
#include "bench/subjects/subject.h"

#include "bench/subjects/cgi_subject.h"
#include "bench/subjects/http_subject.h"
#include "bench/subjects/runtime_subject.h"
#include "bench/subjects/web_server.h"

namespace phork::bench {
namespace {

bool is_server(SubjectKind kind) {
  return kind == SubjectKind::kNginxFpm || kind == SubjectKind::kPhpServer;
}

}  // namespace

std::unique_ptr<Subject> make_subject(const Launch& launch) {
  if (is_server(launch.kind)) {
    return std::make_unique<HttpSubject>(launch.application, std::make_unique<WebServer>(launch));
  }
  if (launch.kind == SubjectKind::kPhpCgi) return std::make_unique<CgiSubject>(launch);
  return std::make_unique<RuntimeSubject>(launch);
}

std::vector<std::unique_ptr<Subject>> make_fleet(const Launch& launch, unsigned count) {
  std::vector<std::unique_ptr<Subject>> fleet;
  if (!is_server(launch.kind)) {
    for (unsigned i = 0; i < count; ++i) fleet.push_back(make_subject(launch));
    return fleet;
  }
  auto server = std::make_unique<WebServer>(launch, count);
  WebServer& shared = *server;
  fleet.push_back(std::make_unique<HttpSubject>(launch.application, std::move(server)));
  for (unsigned i = 1; i < count; ++i) {
    fleet.push_back(std::make_unique<HttpSubject>(launch.application, shared));
  }
  return fleet;
}

}  // namespace phork::bench
