<?php
// SPDX-License-Identifier: MIT
//
// A Throwable as lines of text. Unlike getTraceAsString(), the first line is the place of the
// throw, each line has the position inside the function that it names, and arguments are never
// printed, because they are the user's data.

declare(strict_types=1);

namespace Phork\Worker;

use Throwable;

final class StackTrace
{
    private const MAX_LINES = 100;

    /** @return list<string> `#0 file(line): function()`, then the same for previous exceptions */
    public static function of(Throwable $thrown): array
    {
        $lines = self::frames($thrown);
        while (($thrown = $thrown->getPrevious()) !== null && \count($lines) < self::MAX_LINES) {
            $lines[] = sprintf('Caused by %s: %s', get_debug_type($thrown), $thrown->getMessage());
            array_push($lines, ...self::frames($thrown));
        }

        return $lines;
    }

    /** @return list<string> */
    private static function frames(Throwable $thrown): array
    {
        $trace = $thrown->getTrace();
        $lines = [];
        $place = ['file' => $thrown->getFile(), 'line' => $thrown->getLine()];
        foreach (\array_slice($trace, 0, self::MAX_LINES) as $index => $frame) {
            $lines[] = "#$index " . self::place($place) . ': ' . self::name($frame) . '()';
            $place = $frame;
        }
        $rest = \count($trace) - \count($lines);
        $lines[] = $rest > 0
            ? "... $rest more"
            : '#' . \count($lines) . ' ' . self::place($place) . ': {main}';

        return $lines;
    }

    /** @param array{file?: string, line?: int} $frame */
    private static function place(array $frame): string
    {
        return isset($frame['file'])
            ? "{$frame['file']}(" . ($frame['line'] ?? 0) . ')'
            : '[internal function]';
    }

    /** @param array{class?: string, type?: string, function: string} $frame */
    private static function name(array $frame): string
    {
        // The name of an anonymous class has a NUL and the place of its declaration at its end.
        $class = strstr($frame['class'] ?? '', "\0", true) ?: ($frame['class'] ?? '');

        return $class . ($frame['type'] ?? '') . $frame['function'];
    }
}
