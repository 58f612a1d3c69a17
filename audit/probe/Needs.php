<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/** The requirements of kinds: '' when this PHP meets one, else the missing part in words. */
final class Needs
{
    public static function extension(string $name): string
    {
        return \extension_loaded($name) ? '' : "needs ext/$name";
    }

    public static function functions(string ...$names): string
    {
        foreach ($names as $name) {
            if (!\function_exists($name)) {
                return "needs $name(), which this PHP lacks";
            }
        }

        return '';
    }

    /** Some sandboxes lack files of /proc. */
    public static function file(string $path): string
    {
        return is_readable($path) ? '' : "needs $path";
    }

    public static function writable(string $path): string
    {
        return is_writable($path) ? '' : "needs to write $path";
    }

    public static function setting(string $name): string
    {
        $access = ini_get_all(details: true)[$name]['access'] ?? null;

        return match (true) {
            $access === null => "needs the ini setting $name",
            ($access & INI_USER) === 0 => "$name is fixed by the configuration",
            default => '',
        };
    }
}
