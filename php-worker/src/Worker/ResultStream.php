<?php
// SPDX-License-Identifier: MIT
//
// A handler's result that is sent while it is made: Pieces go out as raw bytes, and an array with
// Pieces as its `body` as an HTTP answer. The stream begins with the first piece, so that a failure
// before it is an ordinary failure.

declare(strict_types=1);

namespace Phork\Worker;

use Stringable;

final class ResultStream
{
    // Tells the SAPI that there is no HTTP head.
    private const RAW = 0;

    /** @param list<array{string, string}> $headers */
    private function __construct(
        private ?Pieces $pieces,
        private readonly int $status,
        private readonly array $headers,
    ) {
    }

    /** The SAPI defines its stream functions only under PHORK_RESPONSE=stream. */
    public static function isOn(): bool
    {
        return \function_exists('phork_stream_begin');
    }

    /**
     * Null when the result has to be sent as a whole.
     * @throws InvalidResult
     */
    public static function of(mixed $result): ?self
    {
        $pieces = Pieces::of($result, 'result');
        if ($pieces !== null) {
            $headers = [['Content-Type', 'application/octet-stream']];

            return new self($pieces, self::RAW, $headers);
        }
        $pieces = Pieces::ofBody($result);

        return $pieces === null
            ? null
            : new self($pieces, self::statusOf($result), self::headersOf($result));
    }

    /**
     * Sends all pieces, or stops when the client has gone away. The source of the pieces has ended
     * on return, so that an exception of its `finally` blocks is thrown from here.
     */
    public function send(): void
    {
        [$pieces, $this->pieces] = [$this->pieces, null];
        $begun = false;
        foreach ($pieces as $piece) {
            if (!$begun) {
                \phork_stream_begin($this->status, $this->headers);
                $begun = true;
            }
            // An empty chunk would end the answer.
            if ($piece !== '' && !\phork_stream_write($piece)) {
                break;
            }
        }
        if (!$begun) {
            \phork_stream_begin($this->status, $this->headers);
        }
    }

    /** @param array<string, mixed> $result */
    private static function statusOf(array $result): int
    {
        $status = $result['statusCode'] ?? 200;
        if (!\is_int($status) || $status < 200 || $status > 599) {
            $got = \is_int($status) ? (string) $status : get_debug_type($status);

            throw new InvalidResult(
                "result.statusCode: expected a status from 200 to 599, got $got",
            );
        }

        return $status;
    }

    /**
     * @param array<string, mixed> $result
     * @return list<array{string, string}> name and value
     */
    private static function headersOf(array $result): array
    {
        $headers = [];
        foreach (['headers', 'multiValueHeaders'] as $key) {
            foreach (self::arrayAt($result, $key) as $name => $values) {
                foreach (\is_array($values) ? $values : [$values] as $value) {
                    $headers[] = [(string) $name, self::text($value, "result.$key.$name")];
                }
            }
        }
        foreach (self::arrayAt($result, 'cookies') as $index => $cookie) {
            $headers[] = ['Set-Cookie', self::text($cookie, "result.cookies[$index]")];
        }

        return $headers;
    }

    /**
     * @param array<string, mixed> $result
     * @return array<array-key, mixed>
     */
    private static function arrayAt(array $result, string $key): array
    {
        $value = $result[$key] ?? [];
        // An empty map may be an object, because only that becomes {} in JSON.
        if (\is_object($value)) {
            $value = get_object_vars($value);
        }

        return \is_array($value) ? $value : throw new InvalidResult(
            "result.$key: expected an array, got " . get_debug_type($value),
        );
    }

    private static function text(mixed $value, string $name): string
    {
        return \is_scalar($value) || $value instanceof Stringable
            ? (string) $value
            : throw new InvalidResult("$name: expected a string, got " . get_debug_type($value));
    }
}
