<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

use Closure;
use ReflectionFunction;

/** The name of a callable, such as Shop\Cart::total; never an address or an object's number. */
final class CallableName
{
    public static function of(mixed $callable): string
    {
        if (\is_array($callable)) {
            [$owner, $method] = $callable;

            return (\is_object($owner) ? $owner::class : $owner) . "::$method";
        }
        if ($callable instanceof Closure) {
            $function = new ReflectionFunction($callable);

            return $function->isInternal()
                ? $function->getName()
                : "{closure} {$function->getFileName()}:{$function->getStartLine()}";
        }

        return match (true) {
            $callable === null => 'none',
            \is_object($callable) => $callable::class . '::__invoke',
            default => (string) $callable,
        };
    }
}
