<?php
// SPDX-License-Identifier: MIT
//
// Names for what kinds leave in /tmp and in the kernel's tables: the same for all events of one
// environment, others for audits that run beside it.

declare(strict_types=1);

namespace Phork\Audit;

final class Scratch
{
    /** In everything the probe leaves behind, for a look from outside PHP. */
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

    /** Removes what past audits have left in /tmp. Files may go meanwhile: others sweep too. */
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
