<?php
// SPDX-License-Identifier: MIT
//
// The work of bootstrap.php in Bref's layer: loads the application and Bref, then runs one of its
// modes. The application is loaded last, so that its versions of shared packages are used, as on
// Lambda, where Bref is one of its packages.

declare(strict_types=1);

require getenv('PHORK_BREF_DIR') . '/vendor/autoload.php';
$application = getenv('BREF_AUTOLOAD_PATH') ?: getenv('LAMBDA_TASK_ROOT') . '/vendor/autoload.php';
if (is_file($application)) {
    require $application;
}

if (getenv('BREF_RUNTIME') === 'function') {
    Bref\FunctionRuntime\Main::run();
} else {
    // A socket that an earlier run left makes Bref wait for a php-fpm that has ended.
    array_map(unlink(...), glob('/tmp/.bref/*'));
    putenv('PHORK_BREF_FPM=php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION);
    Bref\FpmRuntime\Main::run();
}
