// SPDX-License-Identifier: MIT
#include "bench/report/function_report.h"

#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "bench/report/report_charts.h"
#include "bench/report/report_html.h"
#include "bench/report/report_json.h"
#include "bench/report/report_text.h"
#include "tests/unit/bench/function_fixture.h"

using namespace phork;
using doctest::Approx;
using testing::make_function_report;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_SUITE("function figures") {
  TEST_CASE("percentiles have intervals, and figures of rounds are medians") {
    const bench::SubjectFigures figures =
        bench::figures_of(testing::make_series("fork", {300, 400, 500}));
    CHECK(figures.back_to_back.latency.count == 9);
    CHECK(figures.back_to_back.latency.p50.value == Approx(400));
    CHECK(figures.back_to_back.latency.p50.interval.low < 400);
    CHECK(figures.back_to_back.latency.p50.interval.high > 400);
    REQUIRE(figures.back_to_back.billed.has_value());
    CHECK(figures.back_to_back.billed->p50.value == Approx(800));
    CHECK(figures.spaced.latency.p50.value == Approx(4000));
    CHECK(figures.cold_start_us.value == Approx(80'000));
    CHECK(figures.memory_kb == Approx(150));
    CHECK_FALSE(figures.events_per_second.has_value());
  }

  TEST_CASE("the first answer is part of a cold start") {
    bench::Series series = testing::make_series("exec", {300});
    series.rounds[0].first_event_us = 5'000;
    CHECK(bench::cold_starts_with_event_us(series) == bench::Samples{85'000});
    CHECK(bench::figures_of(series).init_us.value == Approx(80'000));
  }

  TEST_CASE("a subject that is not billed has no profile") {
    bench::Series series = testing::make_series("server", {300});
    REQUIRE(bench::profile_of(series).has_value());
    CHECK(bench::profile_of(series)->events.front().latency_us == 3000);
    series.rounds[0].spaced[0].billed_us.reset();
    CHECK_FALSE(bench::profile_of(series).has_value());
  }
}

TEST_SUITE("function report") {
  TEST_CASE("the text fits its columns and ends with the recommendation") {
    const std::string text = bench::to_text(make_function_report());
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 100, line);
    CHECK_MESSAGE(contains(text, "> D fork"), text);
    CHECK_MESSAGE(contains(text, "  A inprocess"), text);
    CHECK_MESSAGE(contains(text, "\nUse fork: "), text);
    CHECK_MESSAGE(contains(text, "<other>: it \"ended\" & said nothing"), text);
    CHECK_MESSAGE(contains(text, "globals.$visits"), text);
    CHECK_MESSAGE(contains(text, "1769 MB"), text);
  }

  TEST_CASE("the JSON has all subjects, and the reason where one is missing") {
    const std::string text = bench::to_json(make_function_report());
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    REQUIRE(parser.parse(text).get(json) == simdjson::SUCCESS);
    REQUIRE(json["subjects"].get_array().size() == 4);
    const auto fork = json["subjects"].at(1);
    CHECK(fork["back_to_back"]["latency_us"]["p50"].get_int64().value() == 400);
    CHECK(fork["back_to_back"]["latency_us"]["p50_by_round"].get_array().size() == 6);
    CHECK(fork["estimates"]["latency_us"]["p50"]["high"].get_double().value() == Approx(401));
    CHECK(fork["by_round"]["cold_start_us"].get_array().size() == 6);
    CHECK(json["subjects"].at(3)["missing"].get_string().value() == "it \"ended\" & said nothing");
    CHECK(json["recommendation"]["choice"].get_string().value() == "fork");
    CHECK(json["audit"]["outcome"].get_string().value() == "leaks");
    CHECK(json["cost"]["rows"].get_array().size() == 3);
  }

  TEST_CASE("the page is filled in, loads nothing and runs no script") {
    const std::string html = bench::to_html(make_function_report());
    CHECK_FALSE(contains(html, "{{"));
    CHECK_FALSE(contains(html, "<script"));
    CHECK_FALSE(contains(html, "http://"));
    CHECK_FALSE(contains(html, "https://"));
    CHECK_FALSE(contains(html, "url("));
    CHECK(contains(html, "<style>\n:root"));
    CHECK(contains(html, "Use fork: "));
  }

  TEST_CASE("text from outside is escaped on the page") {
    const std::string html = bench::to_html(make_function_report());
    CHECK(contains(html, "GET /?a=1&amp;b=&lt;2&gt;"));
    CHECK(contains(html, "&lt;other&gt;: it &quot;ended&quot; &amp; said nothing"));
    CHECK_FALSE(contains(html, "<other>"));
  }

  TEST_CASE("each figure has a name, a table of its values and text alternatives") {
    const std::string html = bench::to_html(make_function_report());
    for (const char* id : {"distribution", "billed", "cold-start", "cost"}) {
      CHECK_MESSAGE(contains(html, "<figure id=\"" + std::string(id) + "\""), id);
    }
    CHECK(count(html, "<figure") == 4);
    CHECK(count(html, "<details>") == 4);
    CHECK(count(html, "<svg") == count(html, "<title>") - 1);  // one is the title of the page
    CHECK(contains(html, "fork: half of all events are answered within 0.400 ms"));
  }

  TEST_CASE("each table and each wide figure has a region with a unique name") {
    const std::string html = bench::to_html(make_function_report());
    const std::string begin = "role=\"region\" tabindex=\"0\" aria-label=\"";
    CHECK(count(html, begin) == count(html, "<table>") + count(html, "class=\"lines\""));
    std::set<std::string> names;
    for (std::size_t at = html.find(begin); at != std::string::npos;
         at = html.find(begin, at + 1)) {
      const std::size_t name = at + begin.size();
      const auto inserted = names.insert(html.substr(name, html.find('"', name) - name));
      CHECK_MESSAGE(inserted.second, *inserted.first);
      CHECK_FALSE(inserted.first->empty());
    }
  }

  TEST_CASE("the page is well-formed: every element that opens closes") {
    const std::string html = bench::to_html(make_function_report());
    for (const char* name : {"div", "figure", "svg", "table", "tr", "td", "th", "details", "p",
                             "section", "ul", "li", "dl", "dd", "g", "span"}) {
      const std::string tag(name);
      CHECK_MESSAGE(count(html, "<" + tag + ">") + count(html, "<" + tag + " ") ==
                        count(html, "</" + tag + ">"),
                    name);
    }
  }

  TEST_CASE("a strategy has the colour of its letter, and other subjects have other colours") {
    const bench::FunctionReport report = make_function_report();
    CHECK(bench::colour_of(report, report.subjects[0]) == 0);
    CHECK(bench::colour_of(report, report.subjects[1]) == 3);
    CHECK(bench::colour_of(report, report.subjects[3]) == 6);
  }

  TEST_CASE("a report without prices, rates and arrivals is complete without them") {
    bench::FunctionReport report = make_function_report();
    report.cost = {};
    CHECK(bench::cost_chart(report).empty());
    CHECK(bench::rate_chart(report).empty());
    CHECK(bench::arrivals_charts(report).empty());
    CHECK_FALSE(contains(bench::to_html(report), "{{"));
    CHECK_FALSE(bench::to_text(report).empty());
    CHECK(report.price_of("fork") == nullptr);
  }

  TEST_CASE("a day of arrivals has its figure and its table") {
    bench::FunctionReport report = make_function_report();
    auto plan = bench::parse_arrivals("burst:20@1h");
    if (!plan) plan = bench::parse_arrivals("burst:20");
    REQUIRE(plan.ok());
    report.arrivals.push_back(
        {plan.value(),
         bench::simulate(plan.value(), {*bench::profile_of(report.subjects[1].series)},
                         bench::published_prices(), report.simulation)});
    CHECK(contains(bench::to_html(report), "<figure id=\"arrivals-1\""));
    CHECK(contains(bench::to_text(report), "a day of burst:20"));
  }

  TEST_CASE("an answer of status 404 is warned about") {
    bench::FunctionReport report = make_function_report();
    CHECK(report.recommendation.cautions.empty());
    report.subjects[1].series.answer.status = 404;
    bench::conclude(report, {});
    REQUIRE(report.recommendation.cautions.size() == 1);
    CHECK(contains(report.recommendation.cautions[0], "status 404"));
  }
}
