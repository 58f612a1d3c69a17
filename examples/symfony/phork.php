<?php
// SPDX-License-Identifier: MIT
//
// The entry: phork boots the kernel once and hands it every HTTP event.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

return new App\Kernel('prod', false);
