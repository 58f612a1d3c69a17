<?php
// SPDX-License-Identifier: MIT
//
// Handlers of errors and exceptions. PHP returns the current handler only when another is set, and
// shows those below it on its stack only after the current one is removed.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Phork\Audit\CallableName;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Planted\Reactor;

final class HandlerKinds implements Family
{
    private const ERROR = [Reactor::class, 'onError'];
    private const ERROR_BELOW = [Reactor::class, 'onErrorBelow'];
    private const EXCEPTION = [Reactor::class, 'onException'];
    private const EXCEPTION_BELOW = [Reactor::class, 'onExceptionBelow'];

    public function group(): Group
    {
        return Group::Errors;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'error-handler',
            'the error handler',
            static fn () => CallableName::of(self::errorHandler()),
            static fn () => set_error_handler(self::ERROR),
        );
        yield new Kind(
            'error-handler-stack',
            'an error handler below the current one',
            self::errorHandlerBelow(...),
            static function (): void {
                set_error_handler(self::ERROR_BELOW);
                set_error_handler(self::ERROR);
            },
        );
        yield new Kind(
            'exception-handler',
            'the exception handler',
            static fn () => CallableName::of(self::exceptionHandler()),
            static fn () => set_exception_handler(self::EXCEPTION),
        );
        yield new Kind(
            'exception-handler-stack',
            'an exception handler below the current one',
            self::exceptionHandlerBelow(...),
            static function (): void {
                set_exception_handler(self::EXCEPTION_BELOW);
                set_exception_handler(self::EXCEPTION);
            },
        );
        yield new Kind(
            'entity-loader',
            'the loader of external XML entities',
            static fn () => CallableName::of(libxml_get_external_entity_loader()),
            static fn () => libxml_set_external_entity_loader([Reactor::class, 'entity']),
            Needs::functions('libxml_get_external_entity_loader'),
        );
    }

    private static function errorHandler(): mixed
    {
        $handler = set_error_handler(null);
        restore_error_handler();

        return $handler;
    }

    // Looks only below our own handler: PHP does not say for which errors another one was set, so
    // it could not be restored.
    private static function errorHandlerBelow(): string
    {
        if (self::errorHandler() !== self::ERROR) {
            return 'none';
        }
        restore_error_handler();
        $below = self::errorHandler();
        set_error_handler(self::ERROR);

        return CallableName::of($below);
    }

    private static function exceptionHandler(): mixed
    {
        $handler = set_exception_handler(null);
        restore_exception_handler();

        return $handler;
    }

    private static function exceptionHandlerBelow(): string
    {
        if (self::exceptionHandler() !== self::EXCEPTION) {
            return 'none';
        }
        restore_exception_handler();
        $below = self::exceptionHandler();
        set_exception_handler(self::EXCEPTION);

        return CallableName::of($below);
    }
}
