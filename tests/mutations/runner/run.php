<?php
// SPDX-License-Identifier: MIT
//
// Makes the edits of the lists, one after the other, in a scratch copy, and runs for each the test
// that has to fail. usage: php run.php SCRATCH [--suite=NAME] [ROOM...]. Prints a line for each
// edit and the share that was caught; the exit code is 1 below nine tenths.

declare(strict_types=1);

require __DIR__ . '/MutationList.php';
require __DIR__ . '/ScratchTree.php';

// A test that hangs has noticed the edit. Those of whole programs need minutes on a slow machine.
const TEST_SECONDS = 600;
const BUILD_SECONDS = 3600;
const SHARE_CAUGHT = 0.9;

const CAUGHT = 'caught';
const SLIPPED = 'SLIPPED THROUGH';
const NOT_BUILT = 'DOES NOT BUILD';
const FAILS_ANYWAY = 'FAILS WITHOUT IT';

/** The outcome of one test in the copy as it is. */
function outcome(ScratchTree $tree, Suite $suite, string $test): string
{
    if ($suite->targets !== []) {
        $build = ['ninja', '-C', 'build', ...$suite->targets];
        if ($tree->run($build, BUILD_SECONDS)[0] !== 0) {
            return NOT_BUILT;
        }
    }
    [$code, $output] = $tree->run($suite->command($test), TEST_SECONDS);
    if ($code === 0 && !$suite->ran($output)) {
        throw new RuntimeException("mutate: suite '$suite->name' has no test '$test'");
    }
    return $code === 0 ? SLIPPED : CAUGHT;
}

/**
 * Judges the edits one after the other. The tests are run without any edit first: one that fails
 * then proves nothing.
 *
 * @param list<Mutation> $mutations
 * @return array<string, int> how often each result came
 */
function judge(ScratchTree $tree, array $mutations): array
{
    $sums = [CAUGHT => 0, SLIPPED => 0, NOT_BUILT => 0, FAILS_ANYWAY => 0];
    $clean = [];
    foreach ($mutations as $mutation) {
        $suite = $mutation->suite;
        $clean["$suite->name $mutation->test"] ??= outcome($tree, $suite, $mutation->test);
    }
    foreach ($mutations as $mutation) {
        $suite = $mutation->suite;
        $result = FAILS_ANYWAY;
        if ($clean["$suite->name $mutation->test"] === SLIPPED) {
            $tree->edit($mutation);
            $result = outcome($tree, $suite, $mutation->test);
            $tree->restore($mutation->file);
        }
        ++$sums[$result];
        printf("%-16s %s\n", $result, $mutation->name());
        printf("%17s%s: %s\n", '', $suite->name, $mutation->test);
    }
    return $sums;
}

/** @param list<string> $arguments */
function main(array $arguments): int
{
    $root = dirname(__DIR__, 3);
    $scratch = array_shift($arguments);
    $suites = preg_grep('/^--suite=/', $arguments);
    $rooms = array_diff($arguments, $suites);
    $mutations = MutationList::read($root);
    $known = array_unique(array_map(fn ($each) => $each->room, $mutations));
    foreach (array_diff($rooms, $known) as $unknown) {
        fwrite(STDERR, "mutate: room '$unknown': expected one of " . implode(', ', $known) . "\n");
        return 100;
    }
    foreach ($mutations as $mutation) {
        if (($objection = $mutation->objection($root)) !== null) {
            fwrite(STDERR, "mutate: $mutation->room: $objection\n");
            return 1;
        }
    }
    $kind = fn ($each) => '--suite=' . explode('/', $each->suite->name)[0];
    $wanted = fn ($each) => ($rooms === [] || in_array($each->room, $rooms, true))
        && ($suites === [] || in_array($kind($each), $suites, true));
    $mutations = array_values(array_filter($mutations, $wanted));
    $tree = new ScratchTree($root, $scratch);
    $tree->refresh();
    $sums = judge($tree, $mutations);
    $judged = count($mutations) - $sums[FAILS_ANYWAY] - $sums[NOT_BUILT];
    $share = $judged === 0 ? 0 : $sums[CAUGHT] / $judged;
    $counts = array_map(fn ($result, $count) => "$count $result", array_keys($sums), $sums);
    $summary = strtolower(implode(', ', $counts));
    printf("%s: %.0f %% of %d edits caught\n", $summary, 100 * $share, $judged);
    return $share >= SHARE_CAUGHT && $judged === count($mutations) ? 0 : 1;
}

exit(main(array_slice($argv, 1)));
