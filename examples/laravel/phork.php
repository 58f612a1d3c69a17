<?php
// SPDX-License-Identifier: MIT
//
// The entry: phork bootstraps the application once and hands it every HTTP event. On Lambda all of
// the disk but /tmp is read-only, so what Laravel writes while it runs goes there.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

$app = require __DIR__ . '/bootstrap/app.php';

$storage = sys_get_temp_dir() . '/laravel-storage';
$views = "$storage/framework/views"; // has to be there before the configuration is read
if (!is_dir($views)) {
    mkdir($views, 0700, true);
}

return $app->useStoragePath($storage);
