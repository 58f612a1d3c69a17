<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

/** The constants that PHP's command line has: code that was written for it uses them. */
final class StandardStreams
{
    public static function define(): void
    {
        foreach (['STDIN' => 'rb', 'STDOUT' => 'wb', 'STDERR' => 'wb'] as $name => $mode) {
            \defined($name) || \define($name, fopen('php://' . strtolower($name), $mode));
        }
    }
}
