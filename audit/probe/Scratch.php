<?php
// SPDX-License-Identifier: MIT
//
// Names for state that kinds leave in /tmp and in the kernel's tables: the same in all events of an
// environment, different for audits that run at the same time.

declare(strict_types=1);

namespace Phork\Audit;

final class Scratch
{
    /** Part of every name, so that leftovers can be found from outside PHP. */
    public const MARK = 'phork-audit';

    private const KEEP_S = 3600;

    public static function name(string $kind): string
    {
        $environment = getenv('AWS_LAMBDA_RUNTIME_API') . getenv('AWS_LAMBDA_LOG_STREAM_NAME')
            . sys_get_temp_dir();

        return self::MARK . '-' . hash('xxh32', $environment) . "-$kind";
    }

    public static function file(string $kind): string
    {
        return sys_get_temp_dir() . '/' . self::name($kind);
    }

    /** Removes files of past audits from /tmp. Another sweep may remove them at the same time. */
    public static function sweep(): void
    {
        $folder = sys_get_temp_dir();
        $mark = self::MARK;
        foreach (glob("$folder/{,sess_}$mark-*", GLOB_BRACE) as $file) {
            if (@filemtime($file) < time() - self::KEEP_S) {
                @unlink($file);
            }
        }
    }
}
