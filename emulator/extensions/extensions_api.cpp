// SPDX-License-Identifier: MIT
#include "emulator/extensions/extensions_api.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;

constexpr std::string_view kExtensionPrefix = "/2020-01-01/extension/";
constexpr std::string_view kTelemetryPath = "/2022-07-01/telemetry";
constexpr std::string_view kLogsPath = "/2020-08-15/logs";
constexpr std::string_view kIdentifier = "Lambda-Extension-Identifier";
constexpr std::size_t kMostExtensions = 10;

HttpReply json_reply(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

HttpReply refusal(int status, std::string_view type, std::string_view message) {
  return json_reply(status, error_json(type, message));
}

HttpReply accepted() {
  return json_reply(202, "{\"status\":\"OK\"}\n");
}

HttpReply event_reply(std::string body) {
  HttpReply reply = json_reply(200, std::move(body));
  reply.headers.push_back({"Lambda-Extension-Event-Identifier", make_uuid()});
  return reply;
}

JsonWriter begin_event(std::string_view type, std::int64_t deadline_ms) {
  JsonWriter json;
  json.begin_object().field("eventType", type).key("deadlineMs").integer(deadline_ms);
  return json;
}

// Which events `body` asks for; nullopt when it is no such list, or names another event.
struct Wishes {
  bool invoke = false;
  bool shutdown = false;
};

std::optional<Wishes> read_wishes(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  Wishes wishes;
  simdjson::dom::array events;
  if (root["events"].get(events) != simdjson::SUCCESS) return wishes;
  for (const simdjson::dom::element event : events) {
    std::string_view word;
    if (event.get(word) != simdjson::SUCCESS) return std::nullopt;
    wishes.invoke = wishes.invoke || word == "INVOKE";
    wishes.shutdown = wishes.shutdown || word == "SHUTDOWN";
    if (word != "INVOKE" && word != "SHUTDOWN") return std::nullopt;
  }
  return wishes;
}

}  // namespace

bool ExtensionsApi::takes(std::string_view path) {
  return path.starts_with(kExtensionPrefix) || path == kTelemetryPath || path == kLogsPath;
}

void ExtensionsApi::begin(const std::vector<std::string>& external) {
  const std::lock_guard lock(mutex_);
  extensions_.clear();
  for (const std::string& name : external) extensions_.push_back({.name = name, .external = true});
  open_ = true;
  failure_.reset();
}

bool ExtensionsApi::registered() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(extensions_, Stage::kExpected, &Extension::stage) == extensions_.end();
}

bool ExtensionsApi::ready() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(extensions_,
                             [](const Extension& each) { return each.stage == Stage::kWaiting; });
}

void ExtensionsApi::init_over() {
  const std::lock_guard lock(mutex_);
  open_ = false;
}

void ExtensionsApi::invoke(const InvokeNotice& notice) {
  JsonWriter json = begin_event("INVOKE", notice.deadline_ms);
  json.field("requestId", notice.request_id);
  json.field("invokedFunctionArn", notice.function_arn).key("tracing").begin_object();
  json.field("type", "X-Amzn-Trace-Id").field("value", notice.trace_id);
  json.end_object().end_object();
  tell(&Extension::invoke, json.text());
}

void ExtensionsApi::shutdown(std::string_view reason, std::int64_t deadline_ms) {
  JsonWriter json = begin_event("SHUTDOWN", deadline_ms);
  json.field("shutdownReason", reason).end_object();
  tell(&Extension::shutdown, json.text());
}

// Sends `event` to all that asked for it.
void ExtensionsApi::tell(bool Extension::*wants, const std::string& event) {
  std::vector<HttpConnection*> waiting;
  std::unique_lock lock(mutex_);
  for (Extension& extension : extensions_) {
    const bool listens = extension.stage == Stage::kWaiting || extension.stage == Stage::kBusy;
    if (!(extension.*wants) || !listens) continue;
    extension.stage = Stage::kBusy;
    if (extension.parked != nullptr) {
      waiting.push_back(std::exchange(extension.parked, nullptr));
    } else {
      extension.pending = event;
    }
  }
  if (waiting.empty()) return;
  const std::lock_guard sending(sending_);
  lock.unlock();
  for (HttpConnection* connection : waiting) connection->send(event_reply(event));
}

bool ExtensionsApi::wants_shutdown(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(extensions_, [&name](const Extension& each) {
    return each.name == name && each.shutdown && each.stage != Stage::kFailed;
  });
}

void ExtensionsApi::crashed(const std::string& name, const std::string& how) {
  const std::string type = "Extension.Crash";
  ExtensionFacts facts{name, "ExitError", {}, type};
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(extensions_, name, &Extension::name);
    if (found != extensions_.end()) facts = facts_of(*found, facts.state, type);
    if (!failure_) failure_ = {type, "extension '" + name + "': " + how};
  }
  hooks_.note(lines_.extension(facts), telemetry_.json().extension(facts));
  hooks_.changed();
}

std::optional<ExtensionsApi::Failure> ExtensionsApi::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void ExtensionsApi::handle(const HttpRequest& request, HttpConnection& connection) {
  std::string_view path = request.raw_path();
  if (path == kTelemetryPath || path == kLogsPath) {
    connection.send(request.method == "PUT"
                        ? subscribe(request, path == kLogsPath ? kLogsApi : kTelemetryApi)
                        : HttpReply{405, {{"Allow", "PUT"}}, {}});
    return;
  }
  path.remove_prefix(kExtensionPrefix.size());
  const std::string_view method = path == "event/next" ? "GET" : "POST";
  if (request.method != method) {
    connection.send({405, {{"Allow", std::string(method)}}, {}});
  } else if (path == "event/next") {
    next(request, connection);
  } else if (path == "register") {
    connection.send(enroll(request));
    hooks_.changed();
  } else if (path == "init/error" || path == "exit/error") {
    connection.send(fail(request, path == "init/error"));
    hooks_.changed();
  } else {
    connection.send({404, {{"Content-Type", "text/plain"}}, "404 page not found\n"});
  }
}

void ExtensionsApi::closed(const HttpConnection& connection) {
  {
    const std::lock_guard lock(mutex_);
    for (Extension& extension : extensions_) {
      if (extension.parked == &connection) extension.parked = nullptr;
    }
  }
  const std::lock_guard finished(sending_);
}

HttpReply ExtensionsApi::enroll(const HttpRequest& request) {
  const std::string name(request.header("lambda-extension-name"));
  if (name.empty()) {
    return refusal(403, "Extension.InvalidExtensionName", "expected Lambda-Extension-Name");
  }
  const std::optional<Wishes> wishes = read_wishes(request.body);
  if (!wishes) {
    return refusal(400, "Extension.InvalidEventType", "expected events INVOKE and SHUTDOWN");
  }
  const std::lock_guard lock(mutex_);
  if (!open_) return refusal(403, "Extension.RegistrationClosed", "the init is over");
  auto found = std::ranges::find(extensions_, name, &Extension::name);
  if (found != extensions_.end() && found->stage != Stage::kExpected) {
    return refusal(403, "Extension.AlreadyRegistered", "'" + name + "' has registered");
  }
  if (found == extensions_.end()) {
    if (wishes->shutdown) {
      return refusal(403, "Extension.ShutdownEventNotSupportedForInternalExtension",
                     "an extension inside the runtime gets no SHUTDOWN");
    }
    if (extensions_.size() >= kMostExtensions) {
      return refusal(403, "Extension.TooManyExtensions", "expected 10 at most");
    }
    found = extensions_.insert(extensions_.end(), {.name = name});
  }
  found->id = make_uuid();
  found->invoke = wishes->invoke;
  found->shutdown = wishes->shutdown;
  found->stage = Stage::kRegistered;
  JsonWriter json;
  json.begin_object().field("functionName", config_.name).field("functionVersion", "$LATEST");
  json.field("handler", config_.handler);
  if (has_token(request.header("lambda-extension-accept-feature"), "accountid")) {
    json.field("accountId", "123456789012");
  }
  json.end_object();
  HttpReply reply = json_reply(200, json.text());
  reply.headers.push_back({std::string(kIdentifier), found->id});
  return reply;
}

// The extension that the request names; without one, `refused` is the reply. With mutex_ held.
ExtensionsApi::Extension* ExtensionsApi::find(const HttpRequest& request,
                                              std::optional<HttpReply>& refused) {
  const std::string_view id = request.header("lambda-extension-identifier");
  if (id.empty()) {
    refused = refusal(403, "Extension.MissingExtensionIdentifier", "expected an identifier");
    return nullptr;
  }
  const auto found = std::ranges::find(extensions_, id, &Extension::id);
  if (found != extensions_.end()) return &*found;
  refused =
      refusal(403, "Extension.UnknownExtensionIdentifier", "no extension has this identifier");
  return nullptr;
}

void ExtensionsApi::next(const HttpRequest& request, HttpConnection& connection) {
  std::optional<HttpReply> reply;
  std::optional<ExtensionFacts> began;
  {
    const std::lock_guard lock(mutex_);
    if (Extension* const extension = find(request, reply); extension != nullptr) {
      if (extension->stage == Stage::kRegistered) began = facts_of(*extension, "Ready", {});
      if (extension->pending.empty()) {
        extension->stage = Stage::kWaiting;
        if (extension->parked != nullptr) extension->parked->shut_down();
        extension->parked = &connection;
      } else {
        reply = event_reply(std::exchange(extension->pending, {}));
      }
    }
  }
  if (reply) connection.send(*reply);
  if (began) hooks_.note(lines_.extension(*began), telemetry_.json().extension(*began));
  hooks_.changed();
}

HttpReply ExtensionsApi::fail(const HttpRequest& request, bool in_init) {
  const std::string_view type = request.header("lambda-extension-function-error-type");
  std::optional<HttpReply> refused;
  std::unique_lock lock(mutex_);
  Extension* const extension = find(request, refused);
  if (extension == nullptr) return std::move(*refused);
  if (type.empty()) {
    return refusal(403, "Extension.MissingHeader", "expected Lambda-Extension-Function-Error-Type");
  }
  if (in_init && extension->stage != Stage::kRegistered) {
    return refusal(403, "Extension.InvalidExtensionState", "its init is over");
  }
  const std::string state = in_init ? "InitError" : "ExitError";
  extension->stage = Stage::kFailed;
  if (!failure_) {
    failure_ = {"Extension." + state, "extension '" + extension->name + "': " + std::string(type)};
  }
  const ExtensionFacts facts = facts_of(*extension, state, std::string(type));
  lock.unlock();
  hooks_.note(lines_.extension(facts), telemetry_.json().extension(facts));
  return accepted();
}

HttpReply ExtensionsApi::subscribe(const HttpRequest& request, std::string_view api) {
  const auto subscription = read_subscription(request.body);
  std::string name;
  {
    std::optional<HttpReply> refused;
    const std::lock_guard lock(mutex_);
    const Extension* const extension = find(request, refused);
    if (extension == nullptr) return std::move(*refused);
    name = extension->name;
  }
  if (!subscription) return refusal(400, "ValidationError", subscription.error().text);
  if (!telemetry_.subscribe(name, subscription.value())) {
    return refusal(403,
                   api == kLogsApi ? "Logs.SubscriptionClosed" : "Telemetry.SubscriptionClosed",
                   "the init is over");
  }
  const std::vector<std::string> types = subscription->types();
  hooks_.note(lines_.subscription(api, name, types),
              telemetry_.json().subscription(api, name, types));
  return {200, {{"Content-Type", "text/plain"}}, "OK"};
}

ExtensionFacts ExtensionsApi::facts_of(const Extension& extension, std::string state,
                                       std::string error_type) {
  ExtensionFacts facts{extension.name, std::move(state), {}, std::move(error_type)};
  if (extension.invoke) facts.events.emplace_back("INVOKE");
  if (extension.shutdown) facts.events.emplace_back("SHUTDOWN");
  return facts;
}

}  // namespace phork::emulator
