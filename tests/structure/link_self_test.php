<?php
// SPDX-License-Identifier: MIT
//
// Tests the check of links: one page at a time in a small tree, right or wrong in one place.

declare(strict_types=1);

require __DIR__ . '/LinkCheck.php';

const TARGET = <<<'END'
    # Target page

    ## What it's for: `a` & b

    ## Twice

    ## Twice

    ```
    ## Code
    ```
    END;

// Each case: the page docs/page.md, and the finding that is expected ('' is none).
$cases = [
    'a link to a page' => ['[x](target.md)', ''],
    'a link to a folder above' => ["\n[x](../cli)", ''],
    'a link from the root' => ['[x](/cli/main.cpp)', ''],
    'a link to a page that is missing' => [
        "line\n\n[x](missing.md)", "docs/page.md:3: link 'missing.md': there is no such file"],
    'a picture that is missing' => ['![x](missing.png)', "link 'missing.png'"],
    'a picture inside a link' => ['[![x](../cli)](missing.md)', "link 'missing.md'"],
    'a link that is broken over two lines' => ["[a\nb](missing.md)", "docs/page.md:1: link"],
    'a link with a title' => ['[x](missing.md "a title")', "link 'missing.md'"],
    'a link to the web' => ['[x](https://a.example/missing.md#y) [y](mailto:a@b.example)', ''],
    'a heading' => ['[x](target.md#target-page)', ''],
    'a heading with other characters' => ['[x](target.md#what-its-for-a--b)', ''],
    'a heading that occurs twice' => ['[x](target.md#twice-1)', ''],
    'a heading that is missing' => ['[x](target.md#thrice)', 'that page has no such heading'],
    'a heading in code' => ['[x](target.md#code)', 'that page has no such heading'],
    'a heading of the page itself' => ["# Here\n[x](#here)", ''],
    'a heading that the page itself lacks' => ["# Here\n[x](#there)", "docs/page.md:2: link"],
    'a fragment of a file that is not a page' => ['[x](../cli/main.cpp#L7)', ''],
    'a link in code' => ["`[x](missing.md)`\n\n```\n[x](missing.md)\n```\n", ''],
    'a path of the tree' => ['`cli/main.cpp` and `cli/`', ''],
    'a path that is missing' => ["a\n`cli/other.cpp`", "docs/page.md:2: path 'cli/other.cpp'"],
    'a source by its name' => ['`main.cpp`', ''],
    'a source by a name that is gone' => ['`other.cpp`', "path 'other.cpp': no source"],
    'a path of another tree' => ['`var/task/index.php`', ''],
    'a path that is built' => ['`cli/build/other.cpp`', ''],
    'code that is not a path' => ['`cli/*.cpp` and `cli/main.cpp --help`', ''],
    'a path in a block of code' => ["```\n`cli/other.cpp`\n```\n", ''],
];

$root = sys_get_temp_dir() . '/phork-links-' . getmypid();
mkdir("$root/docs", recursive: true);
mkdir("$root/cli");
file_put_contents("$root/cli/main.cpp", '');
file_put_contents("$root/docs/target.md", TARGET);
$failed = 0;
foreach ($cases as $name => [$text, $expected]) {
    file_put_contents("$root/docs/page.md", $text);
    $findings = (new LinkCheck($root))->run();
    $right = $expected === '' ? $findings === []
        : count($findings) === 1 && str_contains($findings[0], $expected);
    if (!$right) {
        $failed++;
        echo "failed: $name\n  expected: $expected\n  found: ", implode(' | ', $findings), "\n";
    }
}
foreach (['docs/page.md', 'docs/target.md', 'cli/main.cpp'] as $file) {
    unlink("$root/$file");
}
array_map(rmdir(...), ["$root/docs", "$root/cli", $root]);
echo count($cases) - $failed, " passed, $failed failed\n";
exit($failed === 0 ? 0 : 1);
