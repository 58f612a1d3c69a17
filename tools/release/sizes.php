<?php
// SPDX-License-Identifier: MIT
//
// Prints a manifest's bytes by component, the largest first; those below half a MB in one line.
// usage: php tools/release/sizes.php [LIMIT-IN-MB] <MANIFEST
// Exit code 1 when the sum is above the limit.

declare(strict_types=1);

const MEGABYTE = 1024 * 1024;

function row(string $name, int $bytes): void
{
    printf("%-28s %11d  %6.1f MB\n", $name, $bytes, $bytes / MEGABYTE);
}

$sums = [];
foreach (json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR)['files'] as $file) {
    $sums[$file['component']] = ($sums[$file['component']] ?? 0) + ($file['bytes'] ?? 0);
}
arsort($sums);
$small = array_filter($sums, static fn (int $bytes): bool => $bytes < MEGABYTE / 2);
foreach (array_diff_key($sums, $small) as $name => $bytes) {
    row($name, $bytes);
}
row(count($small) . ' smaller ones', array_sum($small));
row('all', array_sum($sums));
if (isset($argv[1]) && array_sum($sums) > (float) $argv[1] * MEGABYTE) {
    fwrite(STDERR, "sizes: expected at most $argv[1] MB\n");
    exit(1);
}
