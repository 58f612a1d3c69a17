<?php
// SPDX-License-Identifier: MIT
//
// A handler that computes for a little more than 2 ms in PHP: numbers, strings and an array, like
// applications do. BENCH_STEPS sets the number of steps, so that compared subjects do the same
// work; without it, the boot calibrates the number on this machine.

declare(strict_types=1);

const TWO_MS_AIM_NS = 2_300_000;

$work = static function (int $steps): int {
    $sum = 0;
    $words = [];
    for ($i = 0; $i < $steps; $i++) {
        $sum = ($sum * 31 + $i) % 1_000_003;
        $words[$i % 64] = dechex($sum);
        $sum += strlen($words[($i * 7) % 64] ?? '');
    }
    return $sum;
};

$measure = static function (int $steps) use ($work): int {
    $shortest = PHP_INT_MAX;
    for ($i = 0; $i < 5; $i++) {
        $started = hrtime(true);
        $work($steps);
        $shortest = min($shortest, hrtime(true) - $started);
    }
    return $shortest;
};

$steps = (int) getenv('BENCH_STEPS');
if ($steps === 0) {
    $steps = 1000;
    while ($measure($steps) < TWO_MS_AIM_NS) {
        $steps = (int) ($steps * 1.05) + 1;
    }
}

return static fn (array $event): array => ['steps' => $steps, 'sum' => $work($steps)];
