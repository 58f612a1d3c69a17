// SPDX-License-Identifier: MIT
//
// An API that closes the kept connection at each moment of an exchange, under every strategy. Where
// the client may ask again, nothing is lost; where it may not, because a part of a reply has come,
// bootstrap ends, or the answer that has arrived counts. No event is answered twice.
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "runtime/base/exit_code.h"
#include "tests/conformance/strict_lambda.h"

namespace {

using namespace phork;
using conformance::StrictLambda;
using Exchange = testing::StrictApi::Exchange;
using Moment = testing::StrictApi::Moment;

bool is_amid_reply(Moment moment) {
  return moment == Moment::kInHead || moment == Moment::kAfterHead || moment == Moment::kInBody;
}

// After half a reply to `next` the event may have been the API's last word. Half a reply to an
// answer ends the process that posted it; under fpm that is bootstrap.
bool ends_bootstrap(const std::string& strategy, Exchange exchange, Moment moment) {
  return is_amid_reply(moment) && (exchange == Exchange::kNext || strategy == "fpm");
}

// An answer whose reply did not arrive is posted again, or its process ends and the supervisor
// posts an error; the API refuses the second post.
bool is_posted_twice(Exchange exchange, Moment moment) {
  return exchange == Exchange::kPost && (moment == Moment::kBeforeReply || is_amid_reply(moment));
}

// False when bootstrap has ended.
bool survives(StrictLambda& lambda, const std::string& strategy, Exchange exchange, Moment moment) {
  lambda.wait_idle();
  lambda.serve_normally();
  const std::size_t refused = lambda.api().refused().size();
  lambda.api().close_at(exchange, moment);
  const std::string id = lambda.give_event();
  const bool ends = ends_bootstrap(strategy, exchange, moment);
  if (ends) CHECK(lambda.wait_exit().code == base::kSystemFailed);
  if (ends && exchange == Exchange::kNext) {
    CHECK_FALSE(lambda.api().outcome_of(id).has_value());
  } else {
    lambda.check_answer(id);
  }
  if (ends) return false;
  lambda.wait_idle();
  lambda.serve_normally();
  const bool twice = is_posted_twice(exchange, moment);
  CHECK(lambda.api().refused().size() == refused + (twice ? 1 : 0));
  return true;
}

}  // namespace

TEST_SUITE("closing api") {
  TEST_CASE("an API that closes the connection amid an exchange gets no event answered twice") {
    for (const std::string& strategy : testing::all_strategies()) {
      auto lambda = std::make_unique<StrictLambda>(strategy);
      for (const Exchange exchange : {Exchange::kNext, Exchange::kPost}) {
        for (const Moment moment : testing::StrictApi::kMoments) {
          // Between an answer and the `next` behind it: that is kAfterReply of the answer.
          if (exchange == Exchange::kNext && moment == Moment::kBeforeRequest) continue;
          INFO(strategy << ", exchange " << static_cast<int>(exchange) << ", moment "
                        << static_cast<int>(moment));
          if (survives(*lambda, strategy, exchange, moment)) continue;
          lambda = std::make_unique<StrictLambda>(strategy);
        }
      }
    }
  }

  TEST_CASE("an API that closes a connection on which a next waits gets another next") {
    for (const std::string& strategy : testing::all_strategies()) {
      INFO(strategy);
      StrictLambda lambda(strategy);
      for (int round = 0; round < 3; ++round) {
        lambda.wait_idle();
        lambda.api().hang_up();
        lambda.wait_idle();
        // Under fork the next child has the old connection, and opens one for its own `next`.
        lambda.serve_normally();
        lambda.serve_normally();
      }
      CHECK(lambda.api().refused().empty());
    }
  }
}
