<?php
// SPDX-License-Identifier: MIT
//
// The entry of an application with BREF_RUNTIME=function.

declare(strict_types=1);

// Under php-fpm nothing loads our classes.
class_exists(Phork\Bridge\Bref\BrefEntry::class) || require __DIR__ . '/BrefEntry.php';
class_exists(Phork\Bridge\Bref\Startup::class) || require __DIR__ . '/Startup.php';

return Phork\Bridge\Bref\Startup::handler();
