<?php
// SPDX-License-Identifier: MIT
//
// The autoloader of the Composer package for tests, which need no Composer.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $folders = ['Phork\Testing\\' => 'testing', 'Phork\Event\\' => 'src/Event'];
    foreach ($folders as $prefix => $folder) {
        $name = strtr(substr($class, strlen($prefix)), '\\', '/');
        $file = __DIR__ . "/../../php-worker/$folder/$name.php";
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;
        }
    }
});
