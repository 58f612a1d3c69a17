<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

use Phork\Hooks;
use ReflectionClass;

/** Tells phork's own files (the library and this probe) from those of the application. */
final class OwnFiles
{
    public static function contain(string $file): bool
    {
        $library = \dirname((string) (new ReflectionClass(Hooks::class))->getFileName());

        return str_starts_with($file, __DIR__ . '/') || str_starts_with($file, "$library/");
    }
}
