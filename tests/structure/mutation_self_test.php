<?php
// SPDX-License-Identifier: MIT
//
// Tests the rule on lists of edits: small trees with one edit each, which is right or cannot be
// made or judged.

declare(strict_types=1);

require __DIR__ . '/MutationRule.php';

const RIGHT = [
    'file' => 'a.cpp', 'find' => 'once', 'put' => 'never', 'suite' => 'unit/base',
    'test' => 'one is one', 'why' => 'one is none',
];

$cases = [
    'a right edit' => [[], ''],
    'a file that is gone' => [['file' => 'b.cpp'], "no file 'b.cpp'"],
    'a text that is gone' => [['find' => 'gone'], "'gone' occurs 0 times"],
    'a text that occurs twice' => [['find' => 'twice'], "'twice' occurs 2 times"],
    'an edit that changes nothing' => [['put' => 'once'], 'changes nothing'],
    'an edit without a reason' => [['why' => ''], 'has no reason'],
    'a suite that is gone' => [['suite' => 'unit/none'], "no suite 'unit/none'"],
    'a kind of suite that does not exist' => [['suite' => 'none/base'], "no suite 'none/base'"],
    'a test that is gone' => [['test' => 'two is one'], "no test 'two is one'"],
    'a test of another suite' => [
        ['suite' => 'integration/tools/audit'], "no test 'one is one'",
    ],
    'a test of PHPUnit' => [['suite' => 'php/BootTest', 'test' => 'testBoot'], ''],
];

$root = sys_get_temp_dir() . '/phork-mutations-' . getmypid();
$files = [
    'a.cpp' => 'once twice twice',
    'tests/unit/base/one_test.cpp' => 'TEST_CASE("one is one") {}',
    'tests/integration/tools/audit_test.cpp' => 'TEST_CASE("another") {}',
    'tests/php/BootTest.php' => 'function testBoot()',
];
$failed = 0;
foreach ($cases as $name => [$change, $expected]) {
    $edit = var_export($change + RIGHT, true);
    foreach ($files + ['tests/mutations/room.php' => "<?php return [$edit];"] as $file => $text) {
        @mkdir(dirname("$root/$file"), 0777, true);
        file_put_contents("$root/$file", $text);
    }
    $findings = (new MutationRule($root))->run();
    $right = $expected === ''
        ? $findings === []
        : count($findings) === 1 && str_contains($findings[0], $expected);
    if (!$right) {
        ++$failed;
        echo "$name: expected '$expected', got '", implode('; ', $findings), "'\n";
    }
}
exec('rm -rf ' . escapeshellarg($root));
printf("%d passed, %d failed\n", count($cases) - $failed, $failed);
exit($failed === 0 ? 0 : 1);
