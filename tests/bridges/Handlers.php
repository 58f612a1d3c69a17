<?php
// SPDX-License-Identifier: MIT
//
// A framework that boots sets PHP's handlers of errors and exceptions. PHPUnit calls a test risky
// that leaves them behind.

declare(strict_types=1);

namespace Phork\Tests\Bridge;

trait Handlers
{
    private mixed $errorHandler = null;
    private mixed $exceptionHandler = null;

    private function rememberHandlers(): void
    {
        $this->errorHandler = self::errorHandler();
        $this->exceptionHandler = self::exceptionHandler();
    }

    private function restoreHandlers(): void
    {
        while (self::errorHandler() !== $this->errorHandler) {
            restore_error_handler();
        }
        while (self::exceptionHandler() !== $this->exceptionHandler) {
            restore_exception_handler();
        }
    }

    private static function errorHandler(): mixed
    {
        $handler = set_error_handler(static fn (): bool => false);
        restore_error_handler();

        return $handler;
    }

    private static function exceptionHandler(): mixed
    {
        $handler = set_exception_handler(static fn () => null);
        restore_exception_handler();

        return $handler;
    }
}
