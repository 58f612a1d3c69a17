<?php
// SPDX-License-Identifier: MIT
//
// Tests the structure check itself: small trees that are either right or break exactly one rule.
// Each tree is written, checked and removed.

declare(strict_types=1);

require __DIR__ . '/CommentRule.php';
require __DIR__ . '/CopyRule.php';
require __DIR__ . '/HouseSize.php';
require __DIR__ . '/IncludeRule.php';
require __DIR__ . '/StructureCheck.php';

const LICENSE = "// SPDX-License-Identifier: MIT\n";

/** A C++ file that includes these. */
function including(string ...$paths): string
{
    return LICENSE . implode('', array_map(fn ($path) => "#include \"$path\"\n", $paths));
}

/** A C++ file with this in a namespace of phork. */
function code(string $text): string
{
    return LICENSE . "namespace phork::cli {\n$text\n}  // namespace phork::cli\n";
}

/** Files of `$lines` lines each. */
function files(int $count, string $folder, string $ending = '.cpp', int $lines = 1): array
{
    $text = LICENSE . str_repeat("\n", $lines - 1);
    $names = array_map(fn ($number) => "$folder/unit_$number$ending", range(1, $count));
    return array_fill_keys($names, $text);
}

const PINNED = LICENSE . "namespace phork::base {\nclass Pinned {\n public:\n" .
    "  Pinned(const Pinned&) = delete;\n  Pinned& operator=(const Pinned&) = delete;\n" .
    " protected:\n  Pinned() = default;\n  ~Pinned() = default;\n};\n}\n";

// Each case: a file and its text, or several, and the expected violation ('' is none).
$cases = [
    'a room includes from itself and below' => [
        'runtime/process/spawn.cpp',
        including('runtime/process/line_reader.h', 'runtime/base/fd.h'), ''],
    'a room does not include from above' => [
        'runtime/base/fd.cpp', including('supervisor/loop.h'),
        'runtime/base may include nothing'],
    'rooms on one level do not meet' => [
        'runtime/slot/page.cpp', including('runtime/logging/metrics.h'),
        'runtime/slot may include'],
    'events do not know processes' => [
        'runtime/event/log.cpp', including('runtime/process/spawn.h'), 'runtime/event may include'],
    'the supervisor sees every room of the runtime and the interface of strategies' => [
        'supervisor/slot.cpp',
        including('runtime/lambda/runtime_api.h', 'strategies/strategy.h', 'strategies/registry.h'),
        ''],
    'the supervisor does not see one strategy' => [
        'supervisor/slot.cpp', including('strategies/fork.h'),
        "include 'strategies/fork.h'"],
    'no room of the runtime sees the supervisor' => [
        'runtime/lambda/answering.cpp', including('supervisor/config.h'),
        'runtime/lambda may include'],
    'a strategy includes the interface and its own files' => [
        'strategies/fork.cpp',
        including('strategies/fork.h', 'strategies/strategy.h'), ''],
    'a folder of a strategy is that strategy' => [
        'strategies/fpm/pool.cpp', including('strategies/fpm/pool.h', 'strategies/fpm.h'), ''],
    'strategies do not include one another' => [
        'strategies/fork.cpp', including('strategies/exec.h'),
        'strategies do not include one another'],
    'the registry includes every strategy' => [
        'strategies/registry.cpp', including('strategies/exec.h', 'strategies/fork.h'), ''],
    'a strategy does not talk to the Runtime API' => [
        'strategies/exec.cpp', including('runtime/lambda/runtime_api.h'), 'strategies may include'],
    'the PHP worker has no event loop' => [
        'php-worker/sapi/main.cpp', including('supervisor/loop.h'),
        'php-worker/sapi may include'],
    'the emulator does not see the runtime that it tests' => [
        'emulator/http/server.cpp', including('supervisor/slot.h'),
        'emulator/http may include'],
    'an audit runs functions in the emulator' => [
        'audit/auditor.cpp',
        including('emulator/environments/local_lambda.h', 'runtime/base/result.h'), ''],
    'a part of the emulator includes only the parts below it' => [
        'emulator/event/event.cpp', including('emulator/observe/activity.h'),
        'emulator/event may include'],
    'a main.cpp is the roof of its room' => [
        'php-worker/sapi/main.cpp', including('php-worker/sapi/modes/boot.h'), ''],
    'nothing but main.cpp looks up from the middle of a room' => [
        'php-worker/sapi/engine.cpp', including('php-worker/sapi/modes/boot.h'),
        'php-worker/sapi may include'],
    'the command line carries audits out, and no other room does' => [
        'bench/main.cpp', including('audit/auditor.h'), 'bench may include'],
    'no room includes a test' => [
        'cli/main.cpp', including('tests/support/fake.h'), "include 'tests/support/fake.h'"],
    'tests include what they test' => [
        'tests/unit/slot/page_test.cpp',
        including('runtime/slot/page.h', 'tests/support/fake.h'), ''],
    'an include is a path from the root' => [
        'runtime/slot/page.cpp', including('page.h'), 'expected a path from the root'],
    'a new folder in runtime has to be placed first' => [
        'runtime/util/misc.cpp', LICENSE, "folder 'runtime/util': it is not a room"],
    'a folder deeper than the rooms has to be placed, too' => [
        'emulator/http/deep/misc.cpp', LICENSE, "folder 'emulator/http/deep': it is not a room"],
    'a folder of php-worker/sapi does not slip into the room above it' => [
        'php-worker/sapi/misc/misc.cpp', LICENSE, "folder 'php-worker/sapi/misc'"],
    'a folder of bench does not slip into bench' => [
        'bench/misc/misc.cpp', LICENSE, "folder 'bench/misc'"],
    'a folder without C++ is not a room' => ['bench/misc/misc.php', "<?php\n" . LICENSE, ''],
    'a file beside the rooms is in none' => [
        'emulator/misc.cpp', including('runtime/base/fd.h'), 'this file is in no room'],

    'a source of 400 lines is fine' => ['cli/a.cpp', LICENSE . str_repeat("\n", 399), ''],
    'a source of 401 lines is too long' => [
        'cli/a.cpp', LICENSE . str_repeat("\n", 400), '401 lines, limit 400'],
    'a header of 151 lines is too long' => [
        'cli/a.h', LICENSE . str_repeat("\n", 150), '151 lines, limit 150'],
    'a line of 100 columns is fine, however many bytes' => [
        'cli/a.cpp', LICENSE . str_repeat('é', 100) . "\n", ''],
    'a line of 101 columns is too wide' => [
        'cli/a.cpp', LICENSE . str_repeat('x', 101) . "\n", '2: width: 101 columns'],
    'a long link in a comment is fine' => [
        'cli/a.cpp', LICENSE . '// https://' . str_repeat('x', 100) . "\n", ''],
    'a build file is measured too' => [
        'meson.build', str_repeat('x', 101) . "\n", 'width: 101 columns'],

    'a folder of 26 units is fine, headers not counted twice' => [
        [...files(26, 'cli'), ...files(26, 'cli', '.h')], ''],
    'a folder of 27 units is too large' => [files(27, 'cli'), 'cli: units: 27, limit 26'],
    'PHP and tests are counted' => [files(27, 'tests/php', '.php'), 'tests/php: units: 27'],
    'fixtures are not' => [files(27, 'tests/fixtures/many'), ''],

    'a class that ends something derives from Pinned' => [[
        'runtime/base/pinned.h' => PINNED,
        'cli/a.h' => code("class A : private base::Pinned {\n public:\n  ~A();\n};")], ''],
    'or from a class that does' => [[
        'runtime/base/pinned.h' => PINNED,
        'cli/a.h' => code("class A : base::Pinned {};"),
        'cli/b.cpp' => code("struct A::B final : public A {\n  ~B() override { end(); }\n};")],
        ''],
    'a destructor needs a base or members' => [
        'cli/a.h', code("class A {\n public:\n  A();\n  ~A();\n};"),
        'cli/a.h:3: phork::cli::A has a destructor'],
    'a class of the same name elsewhere does not help' => [[
        'runtime/base/pinned.h' => PINNED,
        'cli/a.h' => code("class A : base::Pinned {};"),
        'cli/b.h' => "// SPDX-License-Identifier: MIT\nnamespace phork::audit {\nclass A {};\n" .
            "class B : A {\n  ~B();\n};\n}\n"],
        'cli/b.h:4: phork::audit::B has'],
    'a destructor by default needs nothing' => [
        'cli/a.h', code("class A {\n public:\n  virtual ~A() = default;\n};"), ''],
    'members that move are enough' => [
        'cli/a.h',
        code("class A {\n  A(A&& other) noexcept;\n  A& operator=(A&&) noexcept;\n  ~A();\n};"),
        ''],
    'a constructor that copies is not enough without the assignment' => [
        'cli/a.h', code("class A {\n  A(const A& other);\n  ~A();\n};"), 'phork::cli::A has'],
    'comments, strings and functions are not members' => [
        'cli/a.cpp',
        code("class A {\n  // A(const A&) ~A()\n  std::string s = \"~A() {\";\n" .
            "  void f() { int big = 1'000; use(big, '{'); }\n};\nclass B {\n  ~B();\n};"),
        'cli/a.cpp:8: phork::cli::B has'],

    'a comment begins with its subject' => [
        'cli/a.cpp', LICENSE . "//\n// The bytes that came. What came is kept.\n// What is\n", ''],
    'a comment without a subject' => [
        'cli/a.cpp', LICENSE . "\n// What came.\n", "cli/a.cpp:3: a comment begins with 'What'"],
    'a paragraph of a comment without a subject' => [
        'cli/a.cpp', LICENSE . "//\n// Whoever asked.\n", "cli/a.cpp:3: a comment begins with"],
    'a comment behind code without a subject' => [
        'cli/a.cpp', LICENSE . "int a;  // That of b\n", "a.cpp:2: a comment begins with 'That'"],
    'a comment of PHP without a subject' => [
        'php-worker/src/A.php', "<?php\n" . LICENSE . "/** Whether it is. */\n", 'src/A.php:3: a'],
    'a comment of a build file without a subject' => [
        'meson.build', "# Who calls it\n", "meson.build:1: a comment begins with 'Who'"],

    'C++ starts with the licence' => ['cli/a.cpp', "int a;\n", '1: licence'],
    'PHP has it after its opening tag' => ['php-worker/src/A.php', "<?php\n" . LICENSE, ''],
    'PHP without it' => ['php-worker/src/A.php', "<?php\n\nfinal class A {}\n", '2: licence'],
    'a script is known by its first line' => ['tool', "#!/usr/bin/env bash\n", '2: licence'],
    'a script has it after its first line' => [
        'tool', "#!/usr/bin/env bash\n# SPDX-License-Identifier: MIT\n", ''],

    'unfinished work' => ['cli/a.cpp', LICENSE . '// TO' . "DO: later\n", "word 'TO" . "DO'"],
    'a path of one machine' => ['README.md', 'see /ho' . "me/ann/phork\n", 'of one machine only'],
    'a link is not a path of a machine' => ['README.md', 'https://a.example/ho' . "me/x\n", ''],
    'fetched packages are not ours' => ['examples/a/vendor/b.php', "<?php\n", ''],
    'build trees are not ours' => ['build-asan/a.cpp', "int a;\n", ''],
];

$root = sys_get_temp_dir() . '/phork-structure-' . getmypid();
$failed = 0;
$folders = [];
foreach ($cases as $name => $case) {
    $expected = array_pop($case);
    $tree = is_array($case[0]) ? $case[0] : [$case[0] => $case[1]];
    foreach ($tree as $file => $text) {
        $folders[] = dirname("$root/$file");
        @mkdir(dirname("$root/$file"), recursive: true);
        file_put_contents("$root/$file", $text);
    }
    $findings = (new StructureCheck($root))->run();
    array_map(fn ($file) => unlink("$root/$file"), array_keys($tree));
    $right = $expected === '' ? $findings === []
        : count($findings) === 1 && str_contains($findings[0], $expected);
    if (!$right) {
        $failed++;
        echo "failed: $name\n  expected: $expected\n  found: ", implode(' | ', $findings), "\n";
    }
}
foreach (array_unique($folders) as $folder) {
    for (; strlen($folder) >= strlen($root); $folder = dirname($folder)) {
        @rmdir($folder);
    }
}

/** $count units of $lines lines each. */
function units(string $room, int $count, int $lines, bool $headers = false): array
{
    $units = [];
    for ($unit = 0; $unit < $count; $unit++) {
        $units["$room/unit_$unit.cpp"] = $headers ? intdiv($lines, 2) : $lines;
        if ($headers) {
            $units["$room/unit_$unit.h"] = $lines - intdiv($lines, 2);
        }
    }
    return $units;
}

// Each case: lines of each file, and the expected violation ('' is none).
$sizes = [
    'a product within its limits' => [
        units('cli', 130, 200, true) + units('audit', 100, 180) + units('tests/unit', 600, 300),
        ''],
    'a product of too many files' => [units('cli', 321, 160, true), '642 files of C++, limit 640'],
    'a product of too many lines' => [
        units('cli', 296, 220), '65120 lines of C++, limit 65000'],
    'a product of short units' => [
        units('cli', 2, 159, true) + units('audit', 1, 400), 'median unit of 159 lines'],
    'PHP is not C++' => [units('cli', 1, 160) + ['php-worker/src/A.php' => 1], ''],
];
foreach ($sizes as $name => [$lines, $expected]) {
    $findings = (new HouseSize($lines))->findingsOfProduct();
    $right = $expected === '' ? $findings === []
        : count($findings) === 1 && str_contains($findings[0], $expected);
    if (!$right) {
        $failed++;
        echo "failed: $name\n  expected: $expected\n  found: ", implode(' | ', $findings), "\n";
    }
}
echo count($cases) + count($sizes) - $failed, " passed, $failed failed\n";
exit($failed === 0 && !is_dir($root) ? 0 : 1);
