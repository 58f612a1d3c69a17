<?php
// SPDX-License-Identifier: MIT
//
// A handler whose boot fills the heap with BENCH_HEAP_MB: rows of a few small values with reference
// counts (BENCH_HEAP_VALUES=small), or strings of a megabyte (big). Each event reads the same
// sixteen rows, like an application that looks up a little of what it keeps.

declare(strict_types=1);

const HEAP_LOOKUPS = 16;

$bytes = (int) getenv('BENCH_HEAP_MB') << 20;
$small = getenv('BENCH_HEAP_VALUES') === 'small';

$rows = [];
for ($i = 0; memory_get_usage() < $bytes; $i++) {
    if (!$small) {
        $rows[] = str_repeat(chr(65 + $i % 26), 1 << 20);
        continue;
    }
    // Several rows for each call of memory_get_usage(), which takes time.
    for ($k = 0; $k < 16; $k++) {
        $rows[] = [$i, "row $i.$k"];
    }
}

return static function (array $event) use ($rows): array {
    $sum = 0;
    $step = max(1, intdiv(count($rows), HEAP_LOOKUPS));
    for ($i = 0; $i < count($rows); $i += $step) {
        $row = $rows[$i];
        $sum += is_array($row) ? $row[0] : ord($row[0]);
    }
    return ['sum' => $sum];
};
