// SPDX-License-Identifier: MIT
#include "runtime/lambda/answering.h"

#include <string>
#include <variant>

#include "runtime/base/log.h"
#include "runtime/lambda/limits.h"

namespace phork::lambda {
namespace {

// Known before sending, an answer that is too large becomes an error the caller can read.
void replace_too_large(base::Outcome& outcome) {
  const auto* made = std::get_if<base::Answer>(&outcome);
  if (made == nullptr || made->body.size() <= kMaxAnswerBytes) return;
  outcome = base::Failure{"Function.ResponseSizeTooLarge",
                          "the answer has " + std::to_string(made->body.size()) +
                              " bytes, Lambda takes at most " + std::to_string(kMaxAnswerBytes),
                          {}};
}

}  // namespace

base::Status answer(RuntimeApi& api, const base::Invocation& invocation, base::Outcome outcome) {
  replace_too_large(outcome);
  const auto* failure = std::get_if<base::Failure>(&outcome);
  if (failure != nullptr) {
    base::log_failure("event failed", *failure, &invocation);
  }
  const auto posted = failure != nullptr ? api.fail(invocation, *failure)
                                         : api.respond(invocation, std::get<base::Answer>(outcome));
  if (!posted) return posted.error();
  if (!posted->accepted()) {
    base::log_error("lambda: answer not taken: status=" + std::to_string(posted->status) + " " +
                        posted->error_type,
                    invocation);
  }
  return base::ok_status();
}

}  // namespace phork::lambda
