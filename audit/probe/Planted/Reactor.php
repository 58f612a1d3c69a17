<?php
// SPDX-License-Identifier: MIT
//
// Callbacks for everything that PHP lets code register. Each behaves as if it were not registered,
// so that a process that keeps one still serves its events.

declare(strict_types=1);

namespace Phork\Audit\Planted;

use Throwable;

final class Reactor
{
    public function __invoke(): void
    {
    }

    public static function onError(): bool
    {
        return false;
    }

    public static function onErrorBelow(): bool
    {
        return false;
    }

    public static function onException(Throwable $thrown): never
    {
        throw $thrown;
    }

    public static function onExceptionBelow(Throwable $thrown): never
    {
        throw $thrown;
    }

    public static function onOutput(string $text): string
    {
        return $text;
    }

    public static function onAssertion(): void
    {
    }

    public static function onSignal(): void
    {
    }

    public static function autoload(): void
    {
    }

    public static function entity(): ?string
    {
        return null;
    }
}
