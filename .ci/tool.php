<?php
// SPDX-License-Identifier: MIT
//
// What `dev` asks of PHP: reading the JSON, XML and CSV that the tools leave behind. One function
// for each sub-command; prints for `dev` to read. usage: php .ci/tool.php SUB-COMMAND ARGUMENT...

declare(strict_types=1);

/** Prints "passed failed skipped" of a meson-logs/testlog.json; there is none when no test ran. */
function meson_counts(string $log): int
{
    $sum = ['passed' => 0, 'failed' => 0, 'skipped' => 0];
    foreach (is_file($log) ? file($log) : [] as $line) {
        foreach (counts_of_test(json_decode($line, true, 16, JSON_THROW_ON_ERROR)) as $what => $n) {
            $sum[$what] += $n;
        }
    }
    echo implode(' ', $sum);
    return 0;
}

/**
 * A doctest program counts its cases, any other program counts as one. A program that fails
 * although its cases passed (a crash, a sanitizer's report) is one failure.
 */
function counts_of_test(array $test): array
{
    $good = in_array($test['result'], ['OK', 'EXPECTEDFAIL'], true);
    $output = preg_replace('/\e\[[\d;]*m/', '', $test['stdout'] ?? '');
    $summary = '/test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped/';
    if ($test['result'] === 'SKIP') {
        return ['skipped' => 1];
    }
    if (!preg_match($summary, $output, $cases)) {
        return [$good ? 'passed' : 'failed' => 1];
    }
    return [
        'passed' => (int) $cases[1],
        'failed' => max((int) $cases[2], $good ? 0 : 1),
        'skipped' => (int) $cases[3],
    ];
}

/** Prints "passed failed skipped" of PHPUnit's JUnit log. */
function junit_counts(string $log): int
{
    $all = is_file($log) ? @simplexml_load_file($log) : false;
    if ($all === false || !isset($all->testsuite)) {
        echo '0 0 0';
        return 0;
    }
    $failed = (int) $all->testsuite['failures'] + (int) $all->testsuite['errors'];
    $skipped = (int) $all->testsuite['skipped'];
    echo (int) $all->testsuite['tests'] - $failed - $skipped, " $failed $skipped";
    return 0;
}

/**
 * Prints one row of the demo's table from what ab and the server left in a folder (ab.txt, ab.csv,
 * summary.json). Exit code 1 when an event failed.
 */
function demo_row(string $folder, string $strategy, string $isolated): int
{
    $ab = file_get_contents("$folder/ab.txt");
    $count = fn (string $name): int => preg_match("/^$name: +(\d+)/m", $ab, $m) ? (int) $m[1] : 0;
    $inside = json_decode(file_get_contents("$folder/summary.json"), true, 16, JSON_THROW_ON_ERROR);
    $failed = max(
        $count('Failed requests') + $count('Non-2xx responses') + 100 - $count('Complete requests'),
        $inside['errors'],
    );
    $ab_ms = [];
    foreach (array_slice(file("$folder/ab.csv"), 1) as $line) {
        [$percent, $ms] = explode(',', trim($line));
        $ab_ms[(int) $percent] = (float) $ms;
    }
    printf(
        "%-10s %-8s %6d %7.2f %7.2f %7.2f %10.3f %9.3f %7.0f %7.1f %7d\n",
        $strategy,
        $isolated,
        $failed,
        $ab_ms[50],
        $ab_ms[90],
        $ab_ms[99],
        $inside['latency_us']['p50'] / 1000,
        $inside['billed_us']['p50'] / 1000,
        $inside['cold_start_ms'],
        $inside['max_memory_mb'],
        $inside['minor_faults_p50'],
    );
    return $failed === 0 ? 0 : 1;
}

/**
 * Prints what clang-tidy has to look at, as lines of stamp file and source: sources in the compile
 * database whose text, flags, rules or headers (named on stdin) are not those of a clean run.
 */
function tidy_candidates(string $tree): int
{
    $shared = file_get_contents('.clang-tidy') . file_get_contents('tests/.clang-tidy');
    foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $header) {
        $shared .= file_get_contents($header);
    }
    $seen = [];
    foreach (json_decode(file_get_contents("$tree/compile_commands.json"), true) as $unit) {
        $source = realpath("{$unit['directory']}/{$unit['file']}");
        if ($source === false || isset($seen[$source])) {
            continue;
        }
        $seen[$source] = true;
        $stamp = "$tree/tidy/" . sha1($shared . $unit['command'] . file_get_contents($source));
        if (!is_file($stamp)) {
            echo "$stamp $source\n";
        }
    }
    return 0;
}

exit(match ($argv[1] ?? '') {
    'meson-counts' => meson_counts($argv[2]),
    'junit-counts' => junit_counts($argv[2]),
    'demo-row' => demo_row($argv[2], $argv[3], $argv[4]),
    'tidy-candidates' => tidy_candidates($argv[2]),
});
