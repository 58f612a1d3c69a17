<?php
// SPDX-License-Identifier: MIT
//
// Registered callbacks, by name. PHP does not show shutdown functions and tick functions.

declare(strict_types=1);

namespace Phork\Audit\State;

use Closure;
use Generator;
use Phork\Audit\CallableName;
use Phork\Audit\OwnFiles;
use ReflectionFunction;

final readonly class HandlerState
{
    /** @return Generator<string, string> */
    public function autoloaders(): Generator
    {
        $position = 0;
        foreach (spl_autoload_functions() as $autoloader) {
            if (!self::isOurs($autoloader)) {
                yield (string) ++$position => CallableName::of($autoloader);
            }
        }
    }

    /** @return Generator<string, string> */
    public function handlers(): Generator
    {
        // The current handler is the fingerprint's, which keeps errors away from the application's.
        restore_error_handler();
        $handler = set_error_handler(static fn (): bool => true);
        yield 'errors' => CallableName::of($handler);

        $handler = set_exception_handler(null);
        restore_exception_handler();
        yield 'exceptions' => CallableName::of($handler);

        if (\function_exists('libxml_get_external_entity_loader')) {
            yield 'XML entities' => CallableName::of(libxml_get_external_entity_loader());
        }
    }

    /** @return array<string, string|int> */
    public function output(): array
    {
        return [
            'buffers' => ob_get_level(),
            'handlers' => implode(', ', ob_list_handlers()),
            'headers' => implode(', ', array_map(
                static fn (string $line): string => explode(':', $line)[0],
                headers_list(),
            )),
            'status' => (int) http_response_code(),
        ];
    }

    private static function isOurs(mixed $autoloader): bool
    {
        return $autoloader instanceof Closure
            && OwnFiles::contain((string) (new ReflectionFunction($autoloader))->getFileName());
    }
}
