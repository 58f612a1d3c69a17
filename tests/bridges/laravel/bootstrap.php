<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

// Without the packages the tests are skipped.
$autoload = __DIR__ . '/../../../examples/laravel-queue/vendor/autoload.php';
if (is_file($autoload)) {
    require $autoload;
    require __DIR__ . '/fixtures/jobs.php';
}
