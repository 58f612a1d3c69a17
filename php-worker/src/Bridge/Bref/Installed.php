<?php
// SPDX-License-Identifier: MIT
//
// The application's own bref/bref, and the releases of it that the other classes here can use.

declare(strict_types=1);

namespace Phork\Bridge\Bref;

use Bref\Bref;
use Bref\Context\Context;
use Composer\InstalledVersions;

final class Installed
{
    public const EXPECTED = 'bref/bref 2.1.10 or later'; // the first with Bref::events()

    /** Says what is missing, and is null for a bref/bref that can be used. */
    public static function fault(): ?string
    {
        foreach ([Bref::class, Context::class] as $class) {
            if (!class_exists($class)) {
                return "no class $class" . self::version();
            }
        }
        foreach (['events', 'getContainer'] as $method) {
            if (!method_exists(Bref::class, $method)) {
                return 'a ' . Bref::class . " without $method()" . self::version();
            }
        }

        return null;
    }

    private static function version(): string
    {
        $known = class_exists(InstalledVersions::class)
            && InstalledVersions::isInstalled('bref/bref');

        return $known ? ' in ' . InstalledVersions::getPrettyVersion('bref/bref') : '';
    }
}
