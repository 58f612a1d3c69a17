<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Testing;

use JsonException;

/** The answer of one event, and what the runtime logged meanwhile. */
final readonly class RuntimeAnswer
{
    private const FUNCTION_FAILED = 1;

    /**
     * @param string $json the answer's text
     * @param mixed $value the answer; null when the function failed
     * @param ?string $errorType such as `Runtime.InvalidEvent` or the class of an exception; null
     *     when the function did not fail
     */
    private function __construct(
        public string $json,
        public mixed $value,
        public ?string $errorType,
        public ?string $errorMessage,
        public string $log,
    ) {
    }

    /**
     * @param int $exitCode of `phork invoke`, with its standard output and its standard error
     * @throws RuntimeNotStarted when no event was served, with the end of the log
     */
    public static function fromProcess(int $exitCode, string $output, string $log): self
    {
        $json = rtrim($output, "\n");
        try {
            $value = json_decode($json, true, 512, JSON_THROW_ON_ERROR);
        } catch (JsonException) {
            $end = implode("\n", \array_slice(explode("\n", rtrim($log)), -5));
            throw new RuntimeNotStarted("phork invoke: exit code $exitCode and no answer; the log"
                . " ends with\n$end");
        }
        if ($exitCode !== self::FUNCTION_FAILED || !\is_array($value)) {
            return new self($json, $value, null, null, $log);
        }
        $text = static fn (mixed $field): string => \is_string($field) ? $field : '';

        return new self(
            $json,
            null,
            $text($value['errorType'] ?? null),
            $text($value['errorMessage'] ?? null),
            $log,
        );
    }
}
