<?php
// SPDX-License-Identifier: MIT
//
// Reads the JSON, XML and CSV that other tools write, for `dev`: one function for each sub-command,
// which prints lines for the shell.
// usage: php .ci/tool.php SUB-COMMAND ARGUMENT...

declare(strict_types=1);

/** Prints "passed failed skipped" of a meson-logs/testlog.json; without the file no test ran. */
function meson_counts(string $log): int
{
    $sum = ['passed' => 0, 'failed' => 0, 'skipped' => 0];
    foreach (tests_of($log) as $test) {
        foreach (counts_of_test($test) as $what => $n) {
            $sum[$what] += $n;
        }
    }
    echo implode(' ', $sum);
    return 0;
}

/**
 * The programs in a meson-logs/testlog.json, as Meson has them; `stdout` has no colours.
 *
 * @return iterable<array{name: string, result: string, stdout: string, stderr?: string}>
 */
function tests_of(string $log): iterable
{
    foreach (is_file($log) ? file($log) : [] as $line) {
        $test = json_decode($line, true, 16, JSON_THROW_ON_ERROR);
        yield ['stdout' => preg_replace('/\e\[[\d;]*m/', '', $test['stdout'] ?? '')] + $test;
    }
}

function is_good(array $test): bool
{
    return in_array($test['result'], ['OK', 'EXPECTEDFAIL'], true);
}

/**
 * A doctest program counts its cases, any other program counts as one. A program that fails
 * although its cases passed (a crash, a sanitizer's report) is one failure.
 */
function counts_of_test(array $test): array
{
    $summary = '/test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped/';
    if ($test['result'] === 'SKIP') {
        return ['skipped' => 1];
    }
    if (!preg_match($summary, $test['stdout'], $cases)) {
        return [is_good($test) ? 'passed' : 'failed' => 1];
    }
    return [
        'passed' => (int) $cases[1],
        'failed' => max((int) $cases[2], is_good($test) ? 0 : 1),
        'skipped' => (int) $cases[3],
    ];
}

/**
 * Prints what failed according to a meson-logs/testlog.json: the name of each program, and the end
 * of what it printed, or of a doctest program the cases that failed.
 */
function meson_failures(string $log): int
{
    foreach (tests_of($log) as $test) {
        if (is_good($test) || $test['result'] === 'SKIP') {
            continue;
        }
        echo "failed: {$test['name']} ({$test['result']})\n";
        $cases = preg_grep('/ERROR:/', preg_split('/^={79}$/m', $test['stdout']));
        foreach ($cases as $case) {
            // Behind a case's own lines may stand what the program printed later.
            $lines = array_slice(explode("\n", trim($case)), 0, 60);
            echo substr(implode("\n", $lines), 0, 6_000), "\n";
        }
        if ($cases === []) {
            echo last_lines($test['stdout']), "\n", last_lines($test['stderr'] ?? ''), "\n";
        }
    }
    return 0;
}

function last_lines(string $text): string
{
    return implode("\n", array_slice(explode("\n", trim($text)), -40));
}

/** Prints the messages of what failed according to PHPUnit's JUnit log. */
function junit_failures(string $log): int
{
    $all = is_file($log) ? @simplexml_load_file($log) : false;
    foreach ($all ? $all->xpath('//testcase/failure | //testcase/error') : [] as $failure) {
        echo 'failed: ', last_lines((string) $failure), "\n";
    }
    return 0;
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
 * Prints the CPU time, user and system, of all processes below a process, in us. Of those that run
 * it is exact; of those that were reaped the kernel tells it in ticks of 10 ms.
 */
function tree_cpu(int $root): int
{
    $children = [];
    $reaped = [];
    foreach (glob('/proc/[0-9]*/stat') as $file) {
        $stat = (string) @file_get_contents($file);
        // The fields behind the program's name, which may contain blanks: state, parent, ...
        $fields = explode(' ', substr($stat, (int) strrpos($stat, ')') + 2));
        $pid = (int) substr($file, strlen('/proc/'));
        $children[(int) ($fields[1] ?? 0)][] = $pid;
        $reaped[$pid] = (int) ($fields[13] ?? 0) + (int) ($fields[14] ?? 0);
    }
    $sum = 0;
    for ($queue = $children[$root] ?? []; $queue !== []; ) {
        $pid = array_pop($queue);
        array_push($queue, ...$children[$pid] ?? []);
        $sum += $reaped[$pid] * 10_000;
        foreach (glob("/proc/$pid/task/*/schedstat") as $file) {
            $sum += intdiv((int) @file_get_contents($file), 1_000);
        }
    }
    echo $sum;
    return 0;
}

/**
 * Prints one row of the demo's table from what ab and the server left in a folder (ab.txt, ab.csv,
 * summary.json) and from the CPU time that a hundred events took. Exit code 1 when an event failed.
 */
function demo_row(string $folder, string $strategy, string $isolated, int $cpu_us): int
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
        "%-10s %-8s %6d %7.2f %7.2f %7.2f %7.2f %10.3f %9.3f %7.0f %7.1f %7d\n",
        $strategy,
        $isolated,
        $failed,
        $ab_ms[50],
        $ab_ms[90],
        $ab_ms[99],
        $cpu_us / 100 / 1000,
        $inside['latency_us']['p50'] / 1000,
        $inside['billed_us']['p50'] / 1000,
        $inside['cold_start_ms'],
        $inside['max_memory_mb'],
        $inside['minor_faults_p50'],
    );
    return $failed === 0 ? 0 : 1;
}

/**
 * Prints the work of clang-tidy, as lines of stamp file, source and further checks: the sources in
 * the compile database for which `$clean` has no stamp of a clean run. A stamp's name is a hash of
 * what decides the result: the source, our headers that it includes, directly or through others,
 * its flags, the rules, clang-tidy itself, and the packages that bring the other headers. `$deep`:
 * with clang's static analyzer, for sources that are not tests.
 */
function tidy_candidates(string $tree, string $clean, string $deep): int
{
    $shared = shell_exec('clang-tidy --version; dpkg-query -W -f "\${Package} \${Version}\n"'
        . ' "php*-dev" "lib*-dev" "doctest-dev" "libstdc++*" 2>/dev/null');
    $root = realpath('.');
    $seen = [];
    foreach (json_decode(file_get_contents("$tree/compile_commands.json"), true) as $unit) {
        $source = realpath("{$unit['directory']}/{$unit['file']}");
        if ($source === false || isset($seen[$source]) || !str_starts_with($source, "$root/")
            || str_starts_with($source, "$root/$tree/")) {
            continue;
        }
        $seen[$source] = true;
        $path = substr($source, strlen($root) + 1);
        $is_test = str_starts_with($path, 'tests/');
        $rules = file_get_contents('.clang-tidy')
            . ($is_test ? file_get_contents('tests/.clang-tidy') : '');
        $checks = $deep === 'yes' && !$is_test ? 'clang-analyzer-*' : '';
        // clang-tidy does not optimise, so that the level does not count.
        $flags = preg_replace('/ -O\w/', '', str_replace($root, '', $unit['command']));
        $parts = [$shared, $rules, $checks, $flags];
        foreach (array_keys(own_files($path)) as $file) {
            $parts[] = $file . file_get_contents($file);
        }
        $stamp = "$clean/" . sha1(implode("\0", $parts));
        if (!is_file($stamp)) {
            echo "$stamp $source '$checks'\n";
        } elseif (fileatime($stamp) < time() - 86400) {
            touch($stamp);
        }
    }
    return 0;
}

/**
 * A file and all of ours that it includes, as keys, sorted.
 *
 * @return array<string, true>
 */
function own_files(string $path): array
{
    static $includes = [];
    $files = [$path => true];
    for ($queue = [$path]; $queue !== [];) {
        $file = array_pop($queue);
        if (!isset($includes[$file])) {
            preg_match_all('/^\s*#\s*include\s*"([^"]+)"/m', file_get_contents($file), $match);
            $includes[$file] = array_filter($match[1], is_file(...));
        }
        foreach ($includes[$file] as $included) {
            if (!isset($files[$included])) {
                $files[$included] = true;
                $queue[] = $included;
            }
        }
    }
    ksort($files);
    return $files;
}

exit(match ($argv[1] ?? '') {
    'meson-counts' => meson_counts($argv[2]),
    'meson-failures' => meson_failures($argv[2]),
    'junit-failures' => junit_failures($argv[2]),
    'junit-counts' => junit_counts($argv[2]),
    'tree-cpu' => tree_cpu((int) $argv[2]),
    'demo-row' => demo_row($argv[2], $argv[3], $argv[4], (int) $argv[5]),
    'tidy-candidates' => tidy_candidates($argv[2], $argv[3], $argv[4]),
});
