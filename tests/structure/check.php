<?php
// SPDX-License-Identifier: MIT
//
// Checks this tree, or the one named. usage: php check.php [ROOT]. Prints the size of the house,
// and one line for each violation; then the exit code is 1.

declare(strict_types=1);

require __DIR__ . '/CommentRule.php';
require __DIR__ . '/CopyRule.php';
require __DIR__ . '/HouseSize.php';
require __DIR__ . '/IncludeRule.php';
require __DIR__ . '/LinkCheck.php';
require __DIR__ . '/MutationRule.php';
require __DIR__ . '/StructureCheck.php';

$root = realpath($argv[1] ?? dirname(__DIR__, 2));
$structure = new StructureCheck($root);
$findings = [
    ...$structure->run(),
    ...$structure->size()->findingsOfProduct(),
    ...(new LinkCheck($root))->run(),
    ...(new MutationRule($root))->run(),
];
foreach ([...$structure->size()->report(), ...$findings] as $line) {
    echo $line, "\n";
}
exit($findings === [] ? 0 : 1);
