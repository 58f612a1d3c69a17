<?php
// SPDX-License-Identifier: MIT
//
// Checks this tree, or the one named. usage: php check.php [ROOT]. Exit code 1 with one line for
// each violation.

declare(strict_types=1);

require __DIR__ . '/IncludeRule.php';
require __DIR__ . '/LinkCheck.php';
require __DIR__ . '/StructureCheck.php';

$root = realpath($argv[1] ?? dirname(__DIR__, 2));
$findings = [...(new StructureCheck($root))->run(), ...(new LinkCheck($root))->run()];
foreach ($findings as $finding) {
    echo $finding, "\n";
}
exit($findings === [] ? 0 : 1);
