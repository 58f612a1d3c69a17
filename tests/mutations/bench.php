<?php
// SPDX-License-Identifier: MIT
//
// Edits of bench/.

declare(strict_types=1);

return [
    [
        'file' => 'bench/cost/cost.cpp',
        'find' => 'cost.init_usd + cost.storage_usd',
        'put' => 'cost.init_usd',
        'suite' => 'unit/bench', 'test' => 'storage beyond 512 MB is paid for',
        'why' => 'a part of the price is left out',
    ],
    [
        'file' => 'bench/cost/cost.cpp',
        'find' => 'average.billed_ms + options.cold_start_share * average.added_ms;',
        'put' => 'average.billed_ms;',
        'suite' => 'unit/bench', 'test' => 'INIT and the event are rounded up together',
        'why' => 'cold starts cost nothing',
    ],
    [
        'file' => 'bench/cost/cost.cpp',
        'find' => 'std::ceil(cpu_us / quota_us) - 1',
        'put' => 'std::ceil(cpu_us / quota_us)',
        'suite' => 'unit/bench', 'test' => 'a spaced event is not throttled before its quota',
        'why' => 'one period too many is waited for',
    ],
    [
        'file' => 'bench/cost/prices.cpp',
        'find' => 'gb_seconds -= within;',
        'put' => '',
        'suite' => 'unit/bench', 'test' => 'GB-seconds have the price of their tier',
        'why' => 'each tier is paid for the whole',
    ],
    [
        'file' => 'bench/cost/prices.cpp',
        'find' => 'static_cast<std::int64_t>(std::ceil(microseconds / 1000))',
        'put' => 'static_cast<std::int64_t>(microseconds / 1000)',
        'suite' => 'unit/bench', 'test' => 'a duration is billed in whole milliseconds, rounded up',
        'why' => 'a duration is rounded down',
    ],
    [
        'file' => 'bench/cost/simulation.cpp',
        'find' => 'idle_since_us_.front() + idle_timeout_us_ <= now_us',
        'put' => 'idle_since_us_.front() + idle_timeout_us_ < now_us',
        'suite' => 'unit/bench', 'test' => 'an environment ends after exactly the idle timeout',
        'why' => 'an environment lives a moment too long',
    ],
    [
        'file' => 'bench/measure/statistics.cpp',
        'find' => 'return (values[middle - 1] + values[middle]) / 2;',
        'put' => 'return values[middle];',
        'suite' => 'unit/bench', 'test' => 'the median of an even number of values',
        'why' => 'the median of two values is the higher one',
    ],
    [
        'file' => 'bench/report/recommendation.cpp',
        'find' => 'return ratio >= kMaterial && interval.low > 1;',
        'put' => 'return interval.low > 1;',
        'suite' => 'unit/bench', 'test' => 'a difference of less than a tenth is a tie',
        'why' => 'a difference that does not matter decides',
    ],
];
