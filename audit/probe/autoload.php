<?php
// SPDX-License-Identifier: MIT
//
// Loads the classes of Phork\Audit from this folder. They are not part of the library that ships,
// so its own autoloader finds none of them.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (!str_starts_with($class, 'Phork\\Audit\\')) {
        return;
    }
    $file = __DIR__ . '/' . strtr(substr($class, 12), '\\', '/') . '.php';
    if (is_file($file)) {
        require $file;
    }
}, prepend: true);
