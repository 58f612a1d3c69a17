// SPDX-License-Identifier: MIT
#include "bench/report/report_html.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "bench/figures/html.h"
#include "bench/figures/text.h"
#include "bench/report/report_charts.h"

namespace phork::bench {

// bench/page/, embedded by the build: the template of the page, whose {{names}} to_html() fills in,
// and its style.
extern const std::string_view kReportHtml;
extern const std::string_view kReportCss;

namespace {

using Cell = HtmlTable::Cell;

// A figure in the summary: its value, to find the best of the column, and what the cell shows.
struct Shown {
  double value = 0;
  Cell cell;
};

// One column of the summary. A subject without the figure shows a dash.
struct Column {
  std::string heading;
  std::function<std::optional<Shown>(const SubjectFigures&, const MillionEvents*)> figure;
  bool high_is_good = false;  // otherwise the lowest value is the best
};

std::string slate_text(Slate slate) {
  switch (slate) {
    case Slate::kBlank:
      return "yes";
    case Slate::kPhpFpm:
      return "php-fpm’s";
    case Slate::kShared:
      return "no";
    case Slate::kUnknown:
      break;
  }
  return "?";
}

Shown time(const Estimate& estimate) {
  return {estimate.value, estimate_cell(estimate)};
}

Shown number(double value) {
  return {value, {short_number(value)}};
}

std::vector<Column> columns(const FunctionReport& report) {
  using Figures = SubjectFigures;
  using Price = MillionEvents;
  using Found = std::optional<Shown>;
  return {
      {"latency p50, ms",
       [](const Figures& of, const Price*) { return Found(time(of.back_to_back.latency.p50)); }},
      {"latency p99, ms",
       [](const Figures& of, const Price*) { return Found(time(of.back_to_back.latency.p99)); }},
      {"billed p50, ms",
       [](const Figures& of, const Price*) {
         const auto& billed = of.back_to_back.billed;
         return billed ? Found(time(billed->p50)) : Found();
       }},
      {"cold start p50, ms",
       [](const Figures& of, const Price*) { return Found(time(of.cold_start_us)); }},
      {"events a second, " + std::to_string(report.concurrency) + " at once",
       [](const Figures& of, const Price*) {
         const auto& rate = of.events_per_second;
         return rate ? Found({rate->value, rate_cell(*rate)}) : Found();
       },
       true},
      {"memory, MB",
       [](const Figures& of, const Price*) { return Found(number(of.memory_kb / 1024)); }},
      {"CPU, ms",
       [](const Figures& of, const Price*) {
         return of.cpu_us_per_event ? Found(number(*of.cpu_us_per_event / 1000)) : Found();
       }},
      {"page faults",
       [](const Figures& of, const Price*) {
         const auto& faults = of.faults_per_event;
         return faults ? Found({*faults, {grouped(*faults)}}) : Found();
       }},
      {"USD a million, " + grouped(report.memory_mb) + " MB",
       [](const Figures&, const Price* price) {
         return price == nullptr ? Found() : Found(number(price->total_usd));
       }},
  };
}

std::string summary(const FunctionReport& report) {
  const std::vector<const SubjectReport*> subjects = report.measured();
  HtmlTable table{"Measurements", {"", "blank slate"}, {}};
  for (const SubjectReport* subject : subjects) {
    table.rows.push_back({{{subject->label, subject->letter}, {slate_text(subject->slate)}},
                          subject->label == report.recommendation.choice});
  }
  for (const Column& column : columns(report)) {
    table.columns.push_back(column.heading);
    std::vector<double> values;
    std::vector<std::optional<Shown>> shown;
    for (const SubjectReport* subject : subjects) {
      shown.push_back(column.figure(subject->figures, report.price_of(subject->label)));
      if (shown.back()) values.push_back(shown.back()->value);
    }
    std::ranges::sort(values);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      Cell cell = shown[i] ? shown[i]->cell : Cell{"–"};
      // The best of a single one says nothing.
      cell.best = shown[i] && values.size() > 1 &&
                  shown[i]->value == (column.high_is_good ? values.back() : values.front());
      table.rows[i].cells.push_back(std::move(cell));
    }
  }
  return to_html(table);
}

std::string missing(const FunctionReport& report) {
  std::string out;
  for (const SubjectReport& subject : report.subjects) {
    if (subject.measured()) continue;
    out += "<p class=\"missing\">" + escape(subject.label + ": " + subject.missing) + "</p>\n";
  }
  for (const std::string& remark : report.remarks) {
    out += "<p class=\"missing\">" + escape(remark) + "</p>\n";
  }
  return out;
}

std::string tile(const std::string& name, const std::string& value, const std::string& quiet) {
  return "<div><dt>" + escape(name) + "</dt><dd>" + escape(value) + "<small>" + escape(quiet) +
         "</small></dd></div>\n";
}

std::string tiles(const FunctionReport& report) {
  const auto chosen =
      std::ranges::find(report.subjects, report.recommendation.choice, &SubjectReport::label);
  if (chosen == report.subjects.end()) return {};
  const SubjectFigures& figures = chosen->figures;
  const auto sure = [](const Estimate& estimate) {
    return "95 %: " + estimate_cell(estimate).quiet + " ms";
  };
  std::string out = "<dl class=\"tiles\">\n";
  const TimeFigures& latency = figures.back_to_back.latency;
  out += tile("median answer", duration_text(latency.p50.value), sure(latency.p50));
  out += tile("99 in 100 within", duration_text(latency.p99.value), sure(latency.p99));
  out += tile("cold start", duration_text(figures.cold_start_us.value),
              "to the first answer, " + std::to_string(figures.cold_starts) + " starts");
  if (const MillionEvents* price = report.price_of(chosen->label)) {
    std::string usd;
    append_format(usd, "USD %.2f", price->total_usd);
    out += tile("a million events", usd, "at most, with " + grouped(report.memory_mb) + " MB");
  }
  return out + "</dl>\n";
}

std::string reasons(const Recommendation& recommendation) {
  std::string out;
  if (!recommendation.reasons.empty()) out += "<ul class=\"reasons\">\n";
  for (const std::string& reason : recommendation.reasons) {
    out += "<li>" + escape(reason) + "</li>\n";
  }
  if (!recommendation.reasons.empty()) out += "</ul>\n";
  for (const std::string& caution : recommendation.cautions) {
    out += "<p class=\"caution\">" + escape(caution) + "</p>\n";
  }
  return out;
}

std::string note(const std::string& heading, const std::vector<std::string>& paragraphs) {
  std::string out = "<div><h2>" + escape(heading) + "</h2>\n";
  for (const std::string& paragraph : paragraphs) out += "<p>" + escape(paragraph) + "</p>\n";
  return out + "</div>\n";
}

std::string method_note(const FunctionReport& report) {
  const Effort& effort = report.effort;
  std::string rounds;
  append_format(
      rounds,
      "%u rounds, each a fresh process; the subjects take turns, so that a machine that "
      "becomes slower does so for all. A round has %u events to warm up, up to %u back to "
      "back, up to %u spaced by %lld ms, and then %u at once. Each part ends after %lld "
      "ms, so slow subjects have fewer events.",
      effort.rounds, effort.warm_up, effort.events, effort.spaced,
      static_cast<long long>(effort.pause.count()), report.concurrency,
      static_cast<long long>(effort.part_limit.count()));
  return note("The method",
              {rounds,
               "Latency is from the event going out to its answer coming in, billed to the "
               "moment the runtime asks for the next event. Both are taken where the Runtime API "
               "sees them, without what Lambda and a network add."});
}

std::string meaning_note(const FunctionReport& report) {
  return note(
      "The figures",
      {"Percentiles are over all events of all rounds. The small figures are 95 % "
       "intervals from a bootstrap over the rounds: where they overlap, the recommendation "
       "calls it a tie.",
       "Blank slate: no PHP state is left for the next event; php-fpm resets only part of it. "
       "Memory is the proportional "
       "share (PSS) of all processes. CPU is user and system time of all of them, an event.",
       report.cost.rows.empty()
           ? std::string("No prices: no measured subject is billed.")
           : "Prices of " + report.cost.prices_date + ", " + report.cost.region + ", " +
                 std::string(name_of(report.cost.options.architecture)) + ", with " +
                 round_number(report.cost.options.cold_start_share * 100) +
                 " % cold starts. Whole milliseconds are billed."});
}

std::string audit_text(const SharingAudit& audit) {
  if (audit.outcome == SharingAudit::Outcome::kNotDone) return "Not done: " + audit.reason + ".";
  std::string text = std::to_string(audit.events) + " events under inprocess, one process: ";
  if (audit.outcome == SharingAudit::Outcome::kClean) return text + "no state was left behind.";
  for (const std::string& leak : audit.leaks) text += (&leak == &audit.leaks[0] ? "" : ", ") + leak;
  return text + " changed from one event to the next.";
}

std::string machine_note(const FunctionReport& report) {
  const Machine& machine = report.machine;
  std::string hardware;
  append_format(hardware, "%lld cores, %s, %lld MB; %s; huge pages: %s.",
                static_cast<long long>(machine.cores), machine.processor.c_str(),
                static_cast<long long>(machine.memory_mb), machine.kernel.c_str(),
                machine.huge_pages.c_str());
  std::string variables = "Environment variables:";
  for (const std::string& name : machine.variables) variables += " " + name;
  std::vector<std::string> paragraphs{hardware};
  if (!report.runtime.empty()) paragraphs.push_back(report.runtime + ".");
  if (!machine.variables.empty()) paragraphs.push_back(variables + ".");
  paragraphs.emplace_back("Figures of two machines do not compare; ratios do.");
  return note("The machine", paragraphs);
}

std::string ab_table(const FunctionReport& report) {
  HtmlTable table{"ab, over HTTP, one request at a time",
                  {"", "requests", "failed", "p50, ms", "p90, ms", "p99, ms", "a second"},
                  {}};
  for (const SubjectReport& subject : report.subjects) {
    if (!subject.ab) continue;
    table.rows.push_back({{{subject.label},
                           {std::to_string(subject.ab->requests)},
                           {std::to_string(subject.ab->failed)},
                           {short_number(subject.ab->p50_ms)},
                           {short_number(subject.ab->p90_ms)},
                           {short_number(subject.ab->p99_ms)},
                           {grouped(subject.ab->per_second)}},
                          subject.label == report.recommendation.choice});
  }
  return table.rows.empty()
             ? std::string()
             : "<figure class=\"full\" aria-label=\"ab\">" + to_html(table) + "</figure>\n";
}

std::string figures(const FunctionReport& report) {
  if (report.measured().empty()) return {};
  return distribution_chart(report) + billed_chart(report) + cold_start_chart(report) +
         cost_chart(report) + rate_chart(report) + arrivals_charts(report) + ab_table(report);
}

std::string footer(const FunctionReport& report) {
  std::string seconds;
  append_format(seconds, "%.0f s", report.seconds);
  return "Made by phork " PHORK_VERSION " in " + seconds + ". The JSON of --json has every figure.";
}

}  // namespace

std::string to_html(const FunctionReport& report) {
  const Recommendation& recommendation = report.recommendation;
  return fill(kReportHtml,
              {{"style", std::string(kReportCss)},
               {"title", escape(report.title())},
               {"meta", escape(report.handler + " · " + report.event + " · " + report.date)},
               {"headline", escape(recommendation.headline)},
               {"tiles", tiles(report)},
               {"reasons", reasons(recommendation)},
               {"summary", summary(report)},
               {"missing", missing(report)},
               {"figures", figures(report)},
               {"notes", method_note(report) + meaning_note(report) +
                             note("State in a shared process", {audit_text(report.audit)}) +
                             machine_note(report)},
               {"footer", escape(footer(report))}});
}

}  // namespace phork::bench
