<?php
// SPDX-License-Identifier: MIT
//
// Where phork is installed: the folder that has `phork` and `bootstrap` side by side.

declare(strict_types=1);

namespace Phork\Testing;

use RuntimeException;

final class Programs
{
    private const HOME = 'PHORK_HOME';

    /** How to get the programs, for a message. */
    public const ADVICE = 'phork is not installed: no folder of PATH has it, and PHORK_HOME is not'
        . ' set. Install its Debian package, or unpack a release and set PHORK_HOME to the folder'
        . ' that has the programs phork and bootstrap';

    /**
     * The path of the program `phork`: of PHORK_HOME, or else of PATH; null when there is none.
     * @throws RuntimeException when PHORK_HOME names a folder without it
     */
    public static function phork(): ?string
    {
        $home = getenv(self::HOME);
        if ($home !== false && $home !== '') {
            return self::in($home) ?? throw new RuntimeException(self::HOME . "=$home: expected the"
                . ' folder of an installed phork, which has the programs phork and bootstrap');
        }
        foreach (explode(PATH_SEPARATOR, (string) getenv('PATH')) as $folder) {
            $found = $folder === '' ? null : self::in($folder);
            if ($found !== null) {
                return $found;
            }
        }

        return null;
    }

    // Composer's own vendor/bin/phork has no runtime beside it.
    private static function in(string $folder): ?string
    {
        $phork = realpath("$folder/phork");

        return $phork !== false
            && is_file($phork)
            && is_executable($phork)
            && is_executable(\dirname($phork) . '/bootstrap')
                ? $phork
                : null;
    }
}
