<?php
// SPDX-License-Identifier: MIT
//
// The entry: phork bootstraps the application once and hands it every HTTP event.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

return require __DIR__ . '/bootstrap/app.php';
