// SPDX-License-Identifier: MIT
#include "emulator/event/event.h"

#include <array>
#include <cstdio>
#include <random>

#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

// Not a secure generator: ids must be distinct, not secret.
std::uint64_t random_bits() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return generator();
}

std::string hex(std::uint64_t value, int digits) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return {text.data() + 16 - digits, static_cast<std::size_t>(digits)};
}

}  // namespace

std::string error_json(std::string_view type, std::string_view message) {
  base::JsonWriter json;
  json.begin_object().field("errorType", type).field("errorMessage", message).end_object();
  return std::move(json).text();
}

std::int64_t billed_ms(Microseconds billed, std::optional<Microseconds> init) {
  const Microseconds all = billed + init.value_or(Microseconds{});
  return std::chrono::ceil<std::chrono::milliseconds>(all).count();
}

std::string platform_message(std::string_view request_id, std::string_view message) {
  std::string text = "RequestId: ";
  return text.append(request_id).append(" Error: ").append(message);
}

EventResult platform_error(Ending ending, std::string_view request_id, std::string_view type,
                           std::string_view message) {
  return {.ending = ending,
          .body = error_json(type, platform_message(request_id, message)),
          .error_type = std::string(type),
          .content_type = "application/json"};
}

std::string make_uuid() {
  const std::uint64_t high = random_bits();
  const std::uint64_t low = random_bits();
  constexpr std::uint64_t kVariant = 0x8000;  // the two top bits of the fourth group are 10
  return hex(high >> 32, 8) + '-' + hex(high >> 16, 4) + "-4" + hex(high, 3) + '-' +
         hex(((low >> 48) & 0x3fff) | kVariant, 4) + '-' + hex(low, 12);
}

std::string make_trace_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return "Root=1-" + hex(static_cast<std::uint64_t>(seconds), 8) + '-' + hex(random_bits(), 16) +
         hex(random_bits(), 8) + ";Parent=" + hex(random_bits(), 16) + ";Sampled=0";
}

}  // namespace phork::emulator
