<?php
// SPDX-License-Identifier: MIT
//
// Events in, results out. Depth is far beyond PHP's default of 512, which real events exceed. For
// events PHP's parser has a limit of its own, a stack of 10000 symbols that is full at 1666 levels
// of objects or 4998 of bare lists, whatever depth is asked for; it reports a syntax error then.
//
// A result made piece by piece (see Pieces) that is not streamed: at the top it becomes the list of
// its values; as the `body` of an HTTP answer the pieces are joined, in base64 when they are bytes.

declare(strict_types=1);

namespace Phork\Worker;

use JsonException;
use Throwable;

final readonly class Json
{
    public const MAX_DEPTH = 10000;

    public const RESULT_FLAGS = JSON_THROW_ON_ERROR
        | JSON_UNESCAPED_SLASHES
        | JSON_UNESCAPED_UNICODE
        | JSON_PRESERVE_ZERO_FRACTION;

    /** @throws InvalidEvent */
    public function decodeEvent(string $event): mixed
    {
        try {
            return json_decode($event, true, self::MAX_DEPTH, JSON_THROW_ON_ERROR);
        } catch (JsonException $error) {
            $bytes = \strlen($event);

            throw new InvalidEvent("event: decode JSON of $bytes bytes: {$error->getMessage()}");
        }
    }

    /** @throws InvalidResult */
    public function encodeResult(mixed $result): string
    {
        $result = $this->collected($result);
        try {
            return json_encode($result, self::RESULT_FLAGS, self::MAX_DEPTH);
        } catch (Throwable $error) {
            // What a jsonSerialize() threw is kept for its trace; a JsonException has none to tell.
            $cause = $error instanceof JsonException ? null : $error;

            throw new InvalidResult((new InvalidValue())->describe($result, $error), 0, $cause);
        }
    }

    private function collected(mixed $result): mixed
    {
        if (Pieces::of($result, 'result') !== null) {
            return iterator_to_array($result, false);
        }
        $pieces = Pieces::ofBody($result);
        if ($pieces === null) {
            return $result;
        }
        $body = implode('', iterator_to_array($pieces, false));

        return Utf8::isValid($body)
            ? ['body' => $body] + $result
            : ['body' => base64_encode($body), 'isBase64Encoded' => true] + $result;
    }
}
