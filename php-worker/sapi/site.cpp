// SPDX-License-Identifier: MIT
#include "php-worker/sapi/site.h"

#include <cstdlib>
#include <filesystem>

#include "runtime/http/invocation_context.h"

namespace phork::sapi {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

base::Result<Site> find_site() {
  auto entry = lambda::resolve_handler(variable("_HANDLER"), variable("LAMBDA_TASK_ROOT"));
  if (!entry) return std::move(entry).error();
  Site site{std::move(entry).value(), {}};
  site.document_root = std::filesystem::path(site.entry.file).parent_path().string();
  return site;
}

HttpInput make_http_input(const Site& site, const http::Request& request,
                          const base::Invocation& invocation) {
  const std::string context = http::invocation_context_json(invocation);
  HttpInput input;
  input.variables = http::cgi_variables(request, {site.entry.file, site.document_root, context});
  input.body = request.body;
  input.invocation = invocation;
  return input;
}

}  // namespace phork::sapi
