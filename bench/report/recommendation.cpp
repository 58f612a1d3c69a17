// SPDX-License-Identifier: MIT
#include "bench/report/recommendation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "bench/figures/text.h"

namespace phork::bench {
namespace {

// A difference of less than a tenth never decides, however certain it is.
constexpr double kMaterial = 1.1;
// A strategy that costs more than this many times as much has to be as many times faster.
constexpr double kDear = 1.5;
// The least that sharing a process has to gain: speed and time saved, or price.
constexpr double kWorthwhileSpeed = 1.2;
constexpr double kWorthwhileUs = 1000;
constexpr double kWorthwhilePrice = 0.8;
constexpr std::size_t kFewRounds = 5;
constexpr std::size_t kMostNames = 4;

// In the order in which they are compared.
enum class Criterion { kMedian, kTail, kPrice, kColdStart, kMemory };
constexpr std::array kCriteria{Criterion::kMedian, Criterion::kTail, Criterion::kPrice,
                               Criterion::kColdStart, Criterion::kMemory};

std::string_view name_of(Criterion criterion) {
  constexpr std::array<std::string_view, 5> kNames{"latency p50", "latency p99", "price",
                                                   "cold start", "memory"};
  return kNames[static_cast<std::size_t>(criterion)];
}

// One candidate's figure as a multiple of another's.
struct Contrast {
  double ratio = 1;
  Interval interval{1, 1};  // of the ratio; the ratio itself where there is no interval

  bool more() const { return ratio >= kMaterial && interval.low > 1; }
};

Contrast plain_ratio(double of, double to) {
  if (of <= 0 || to <= 0) return {};
  return {of / to, {of / to, of / to}};
}

// Each cold start as a round.
Rounds as_rounds(const Samples& samples) {
  Rounds rounds;
  for (const std::int64_t sample : samples) rounds.push_back({sample});
  return rounds;
}

Contrast medians(const Rounds& of, const Rounds& to) {
  const double ratio = ratio_of_percentiles(of, to, 50);
  if (ratio == 0) return {};
  return {ratio, ratio_interval(of, to)};
}

// The 99th percentiles differ when their intervals do not touch.
Contrast tails(const Rounds& of, const Rounds& to) {
  constexpr double kPercent = 99;
  const double ratio = ratio_of_percentiles(of, to, kPercent);
  const Interval ours = percentile_interval(of, kPercent);
  const Interval theirs = percentile_interval(to, kPercent);
  if (ratio == 0 || theirs.low <= 0 || theirs.high <= 0) return {};
  return {ratio, {ours.low / theirs.high, ours.high / theirs.low}};
}

// Prices differ only where the billed times do.
Contrast prices(const Candidate& of, const Candidate& to) {
  Contrast contrast = plain_ratio(of.usd_per_million, to.usd_per_million);
  if (!medians(of.billed_us, to.billed_us).more()) contrast.interval.low = 1;
  return contrast;
}

Contrast contrast(const Candidate& of, const Candidate& to, Criterion criterion) {
  switch (criterion) {
    case Criterion::kMedian:
      return medians(of.latency_us, to.latency_us);
    case Criterion::kTail:
      return tails(of.latency_us, to.latency_us);
    case Criterion::kPrice:
      return prices(of, to);
    case Criterion::kColdStart:
      return medians(as_rounds(of.cold_starts_us), as_rounds(to.cold_starts_us));
    case Criterion::kMemory:
      return plain_ratio(of.memory_kb, to.memory_kb);
  }
  return {};
}

// The lower, the better.
double figure(const Candidate& candidate, Criterion criterion) {
  switch (criterion) {
    case Criterion::kMedian:
      return static_cast<double>(pooled_percentile(candidate.latency_us, 50));
    case Criterion::kTail:
      return static_cast<double>(pooled_percentile(candidate.latency_us, 99));
    case Criterion::kPrice:
      return candidate.usd_per_million;
    case Criterion::kColdStart:
      return static_cast<double>(percentile(candidate.cold_starts_us, 50));
    case Criterion::kMemory:
      return candidate.memory_kb;
  }
  return 0;
}

using Field = std::vector<const Candidate*>;

// "1.8", "17"
std::string factor(double ratio) {
  std::string text;
  append_format(text, ratio < 9.95 ? "%.1f" : "%.0f", ratio);
  return text;
}

std::string times(double ratio) {
  return factor(ratio) + " times";
}

std::string interval_text(const Interval& interval) {
  return "95 %: " + factor(interval.low) + " to " + factor(interval.high);
}

std::string names(const std::vector<std::string>& all) {
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kMostNames); ++i) {
    if (i > 0) text += i + 1 == all.size() ? " and " : ", ";
    text += all[i];
  }
  if (all.size() > kMostNames) text += " and " + std::to_string(all.size() - kMostNames) + " more";
  return text;
}

std::string median_text(const Candidate& candidate) {
  return duration_text(figure(candidate, Criterion::kMedian));
}

std::string price_text(const Candidate& candidate) {
  std::string text;
  append_format(text, "USD %.3g", candidate.usd_per_million);
  return text;
}

// "fork answers 1.8 times as fast as fpm (95 %: 1.7 to 1.9): 0.408 ms against 0.720 ms"
std::string speed_sentence(const Candidate& fast, const Candidate& slow, const Contrast& by) {
  return fast.label + " answers " + times(by.ratio) + " as fast as " + slow.label + " (" +
         interval_text(by.interval) + "): " + median_text(fast) + " against " + median_text(slow) +
         " for the median event.";
}

// True if a candidate costs more than its speed is worth, compared with another.
bool too_dear(const Candidate& candidate, const Candidate& other) {
  if (candidate.usd_per_million <= 0 || other.usd_per_million <= 0) return false;
  const double price = candidate.usd_per_million / other.usd_per_million;
  const double speed = ratio_of_percentiles(other.latency_us, candidate.latency_us, 50);
  return price > kDear && price > speed;
}

std::string dear_sentence(const Candidate& candidate, const Candidate& other) {
  const double price = candidate.usd_per_million / other.usd_per_million;
  const Contrast faster = medians(other.latency_us, candidate.latency_us);
  std::string text = candidate.label + " is set aside: a million events cost " + times(price) +
                     " as much as with " + other.label + " (" + price_text(candidate) +
                     " against " + price_text(other) + ")";
  return text + (faster.more() ? ", and it is only " + times(faster.ratio) + " as fast."
                               : ", and it answers no faster.");
}

std::string slate_words(const Candidate& candidate) {
  return candidate.resets_all ? "a blank slate for every event" : "php-fpm's slate for every event";
}

// One use of the rules.
class Chooser {
 public:
  Chooser(const std::vector<Candidate>& all, const SharingAudit& audit)
      : all_(all), audit_(audit) {}

  Recommendation choose();

 private:
  Field set_aside(const Field& field);
  void prefer_blank(Field& field);
  const Candidate& decide(Field field);
  const Candidate& settle(const Field& field);
  const Candidate& weigh_sharing(const Candidate& sharing, const Candidate& isolated);
  void say_rest(const Candidate& chosen, const Field& field);
  void say_price(const Candidate& chosen, const Candidate& other);
  void say_outsiders(const Candidate& chosen);

  void say(std::string sentence) { result_.reasons.push_back(std::move(sentence)); }

  const std::vector<Candidate>& all_;
  const SharingAudit& audit_;
  Recommendation result_;
};

Field Chooser::set_aside(const Field& field) {
  Field left;
  for (const Candidate* candidate : field) {
    const auto better = std::ranges::find_if(
        field, [&](const Candidate* other) { return too_dear(*candidate, *other); });
    if (better == field.end()) {
      left.push_back(candidate);
    } else {
      // Compare with the cheapest of all, which is never set aside.
      const Candidate* cheapest = *std::ranges::min_element(
          field, {}, [](const Candidate* other) { return other->usd_per_million; });
      say(dear_sentence(*candidate, too_dear(*candidate, *cheapest) ? *cheapest : **better));
    }
  }
  return left.empty() ? field : left;
}

// Where some candidates reset all state, the others drop out.
void Chooser::prefer_blank(Field& field) {
  const auto blank = std::ranges::find_if(field, &Candidate::resets_all);
  const auto rest = std::ranges::find_if_not(field, &Candidate::resets_all);
  if (blank == field.end() || rest == field.end()) return;
  say((*blank)->label + " leaves no state to the next event; " + (*rest)->label +
      " resets only what php-fpm resets.");
  std::erase_if(field, [](const Candidate* candidate) { return !candidate->resets_all; });
  if (field.size() > 1) return;
  result_.headline =
      "Use " + field.front()->label +
      ": a blank slate for every event, and no stable strategy that gives one is faster.";
}

const Candidate& Chooser::decide(Field field) {
  for (const Criterion criterion : kCriteria) {
    if (criterion == Criterion::kPrice) prefer_blank(field);
    if (field.size() == 1) break;
    const Candidate* best = *std::ranges::min_element(
        field, {}, [&](const Candidate* candidate) { return figure(*candidate, criterion); });
    Field ties;
    for (const Candidate* candidate : field) {
      const bool worse = candidate != best && contrast(*candidate, *best, criterion).more();
      if (!worse) ties.push_back(candidate);
    }
    if (ties.size() == 1) {
      result_.headline = "Use " + best->label + ": best in " + std::string(name_of(criterion)) +
                         ", with " + slate_words(*best) + ".";
    } else if (ties.size() > 1) {
      std::vector<std::string> labels;
      for (const Candidate* candidate : ties) labels.push_back(candidate->label);
      say(names(labels) + " tie in " + std::string(name_of(criterion)) + ".");
    }
    field = std::move(ties);
  }
  return settle(field);
}

const Candidate& Chooser::settle(const Field& field) {
  if (!result_.headline.empty()) return *field.front();
  if (field.size() == 1) {
    result_.headline = "Use " + field.front()->label + ": " + slate_words(*field.front()) + ".";
    return *field.front();
  }
  const auto usual = std::ranges::find(field, "fork", &Candidate::label);
  const Candidate& chosen = usual == field.end() ? *field.front() : **usual;
  result_.headline = "Use " + chosen.label + ": no measurement separates it from the others" +
                     (usual == field.end() ? "." : ", and it is the default.");
  return chosen;
}

const Candidate& Chooser::weigh_sharing(const Candidate& sharing, const Candidate& isolated) {
  const Contrast faster = medians(isolated.latency_us, sharing.latency_us);
  const std::string gain = faster.more() ? sharing.label + " would answer " + times(faster.ratio) +
                                               " as fast (" + median_text(sharing) + "; " +
                                               interval_text(faster.interval) + ")"
                                         : sharing.label + " would answer no faster";
  if (audit_.outcome == SharingAudit::Outcome::kLeaks) {
    say(gain + ", but the audit found state that one event leaves to the next: " +
        names(audit_.leaks) + ".");
    return isolated;
  }
  if (audit_.outcome == SharingAudit::Outcome::kNotDone) {
    say(gain + "; whether an event leaves state to the next is not known: " + audit_.reason + ".");
    return isolated;
  }
  const double saved = figure(isolated, Criterion::kMedian) - figure(sharing, Criterion::kMedian);
  const bool quick = faster.more() && faster.ratio >= kWorthwhileSpeed && saved >= kWorthwhileUs;
  const Contrast dearer = prices(isolated, sharing);
  const bool cheap =
      dearer.more() && sharing.usd_per_million <= kWorthwhilePrice * isolated.usd_per_million;
  const std::string clean = "the audit of " + std::to_string(audit_.events) +
                            " events found no state that one leaves to the next";
  if (!quick && !cheap) {
    say(gain + ", and " + clean + "; but the time it saves, " +
        duration_text(std::max(0.0, saved)) + " an event, is not worth sharing a process.");
    return isolated;
  }
  result_.headline = "Use " + sharing.label + ": " +
                     (quick ? std::string("much faster") : std::string("much cheaper")) + ", and " +
                     clean + ".";
  result_.cautions.push_back("All events share one process under " + sharing.label +
                             ". The audit covered only these events: run `phork audit` with all "
                             "kinds of events that your function gets, or use " +
                             isolated.label + ".");
  return sharing;
}

void Chooser::say_price(const Candidate& chosen, const Candidate& other) {
  const Contrast more = medians(chosen.billed_us, other.billed_us);
  if (!more.more() || chosen.usd_per_million <= 0 || other.usd_per_million <= 0) return;
  say("Its price: " + duration_text(static_cast<double>(pooled_percentile(chosen.billed_us, 50))) +
      " billed for an event, " + times(more.ratio) + " as long as " + other.label +
      "; a million events cost " + price_text(chosen) + " against " + price_text(other) + ".");
}

// Compares the choice with the other candidates.
void Chooser::say_rest(const Candidate& chosen, const Field& field) {
  for (const Candidate* other : field) {
    if (other == &chosen) continue;
    const Contrast faster = medians(other->latency_us, chosen.latency_us);
    if (faster.more()) say(speed_sentence(chosen, *other, faster));
    say_price(chosen, *other);
  }
}

void Chooser::say_outsiders(const Candidate& chosen) {
  for (const Candidate& other : all_) {
    if (other.eligible) continue;
    const Contrast faster = medians(other.latency_us, chosen.latency_us);
    const Contrast slower = medians(chosen.latency_us, other.latency_us);
    if (faster.more()) {
      say(speed_sentence(chosen, other, faster));
    } else if (slower.more()) {
      say(speed_sentence(other, chosen, slower));
    } else {
      say(chosen.label + " and " + other.label + " tie in latency p50.");
    }
  }
}

Recommendation Chooser::choose() {
  Field isolated;
  const Candidate* sharing = nullptr;
  for (const Candidate& candidate : all_) {
    if (!candidate.eligible || candidate.latency_us.empty()) continue;
    if (candidate.isolates) {
      isolated.push_back(&candidate);
    } else {
      sharing = &candidate;
    }
  }
  if (isolated.empty()) {
    result_.headline = "No recommendation: no measured strategy gives each event a blank slate.";
    return std::move(result_);
  }
  const Field field = set_aside(isolated);
  std::vector<std::string> dear = std::exchange(result_.reasons, {});
  const Candidate* chosen = &decide(field);
  say_rest(*chosen, field);
  if (sharing != nullptr) chosen = &weigh_sharing(*sharing, *chosen);
  result_.reasons.insert(result_.reasons.end(), dear.begin(), dear.end());
  say_outsiders(*chosen);
  result_.choice = chosen->label;
  if (chosen->isolates && !chosen->resets_all) {
    result_.cautions.push_back(
        "php-fpm does not reset everything: umask, locale and other state "
        "outlast an event. `phork audit --strategy fpm` names it.");
  }
  if (chosen->latency_us.size() < kFewRounds) {
    result_.cautions.push_back("Only " + std::to_string(chosen->latency_us.size()) +
                               " rounds were measured: the intervals are wide.");
  }
  return std::move(result_);
}

}  // namespace

Recommendation recommend(const std::vector<Candidate>& candidates, const SharingAudit& audit) {
  return Chooser(candidates, audit).choose();
}

}  // namespace phork::bench
