<?php
// SPDX-License-Identifier: MIT
//
// Builds the container and compiles the templates. Composer runs it after each install, because the
// code is read-only on Lambda and no request should wait for a compiler.

declare(strict_types=1);

use Symfony\Component\Filesystem\Filesystem;

require dirname(__DIR__) . '/vendor/autoload.php';

$kernel = new App\Kernel('prod', false);
(new Filesystem())->remove($kernel->getCacheDir());
$kernel->boot();
$warmer = $kernel->getContainer()->get('cache_warmer');
$warmer->enableOptionalWarmers();
$warmer->warmUp($kernel->getCacheDir(), $kernel->getBuildDir());
