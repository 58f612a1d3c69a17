<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

// Without the packages the tests are skipped.
$autoload = __DIR__ . '/../../../examples/symfony-messenger/vendor/autoload.php';
if (is_file($autoload)) {
    require $autoload;
    require __DIR__ . '/fixtures/messages.php';
    require __DIR__ . '/fixtures/TestKernel.php';
}
