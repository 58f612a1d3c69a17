<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

require __DIR__ . '/autoload.php';
require __DIR__ . '/../../php-worker/src/load.php';
require __DIR__ . '/../fixtures/handlers/lib/symfony.php';
foreach (['Currency', 'Level', 'Price', 'functions', 'typed'] as $fixture) {
    require __DIR__ . "/fixtures/$fixture.php";
}
foreach (['illuminate', 'psr_interfaces', 'psr7', 'sent'] as $package) {
    require __DIR__ . "/fixtures/$package.php";
}
require __DIR__ . '/LibraryTestCase.php';
require __DIR__ . '/../../audit/probe/autoload.php';
