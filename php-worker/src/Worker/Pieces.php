<?php
// SPDX-License-Identifier: MIT
//
// A result, or the body of one, that is made piece by piece: any Traversable of strings, numbers
// and Stringable objects. A JsonSerializable object is a value and not a sequence of pieces, and so
// is a collection (ArrayAccess without being an Iterator, such as ArrayObject).

declare(strict_types=1);

namespace Phork\Worker;

use ArrayAccess;
use Iterator;
use IteratorAggregate;
use JsonSerializable;
use Stringable;
use Traversable;

/** @implements IteratorAggregate<int, string> */
final class Pieces implements IteratorAggregate
{
    private function __construct(private ?Traversable $source, private readonly string $name)
    {
    }

    /** Null when the value is not made in pieces. `$name` stands for the value in errors. */
    public static function of(mixed $value, string $name): ?self
    {
        $isSequence = $value instanceof Iterator
            || ($value instanceof Traversable && !$value instanceof ArrayAccess);

        return $isSequence && !$value instanceof JsonSerializable ? new self($value, $name) : null;
    }

    /**
     * The pieces of an HTTP answer's body; null when the body is not made in pieces.
     * @throws InvalidResult
     */
    public static function ofBody(mixed $result): ?self
    {
        $pieces = \is_array($result) ? self::of($result['body'] ?? null, 'result.body') : null;
        if ($pieces !== null && ($result['isBase64Encoded'] ?? false) !== false) {
            throw new InvalidResult(
                'result.isBase64Encoded: expected false with a body in pieces, which are raw bytes',
            );
        }

        return $pieces;
    }

    /**
     * Works once: it drops this object's reference to the source, so that the source ends, and its
     * `finally` blocks run, when the caller stops iterating early.
     * @return Traversable<int, string>
     * @throws InvalidResult
     */
    public function getIterator(): Traversable
    {
        [$source, $this->source] = [$this->source, null];
        $index = 0;
        foreach ($source as $piece) {
            if (!\is_string($piece) && !self::isText($piece)) {
                $type = get_debug_type($piece);

                throw new InvalidResult(
                    "$this->name: piece $index: expected a string, got $type",
                );
            }
            yield $index++ => (string) $piece;
        }
    }

    private static function isText(mixed $piece): bool
    {
        return \is_int($piece) || \is_float($piece) || $piece instanceof Stringable;
    }
}
