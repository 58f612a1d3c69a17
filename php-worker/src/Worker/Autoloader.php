<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

/** Composer's autoloader of the application, before its own code asks for it. */
final class Autoloader
{
    /** Loads the one nearest to the script, in or below the task root; does nothing without one. */
    public static function load(string $script): void
    {
        $root = rtrim((string) getenv('LAMBDA_TASK_ROOT'), '/');
        $folder = $script;
        do {
            $folder = \dirname($folder);
            $file = "$folder/vendor/autoload.php";
            if (is_file($file)) {
                require $file;

                return;
            }
        } while ($folder !== $root && $folder !== \dirname($folder));
    }
}
