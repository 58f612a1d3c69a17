<?php
// SPDX-License-Identifier: MIT
//
// Decodes events and encodes results. Real events are nested deeper than PHP's default of 512.
// PHP's parser has a limit of its own, whatever depth is asked for: a stack of 10000 symbols, which
// is full after 1666 levels of objects or 4998 of lists; it then reports a syntax error.
//
// A result is written with the event's own {} and numbers where it has them (EventSource.php).
//
// A result made of Pieces that is not streamed becomes a list of its values; when the Pieces are
// the `body` of an HTTP answer, they are joined, and encoded as base64 unless they are UTF-8.

declare(strict_types=1);

namespace Phork\Worker;

use Illuminate\Contracts\Http\Kernel as LaravelKernel;
use Illuminate\Foundation\Application;
use JsonException;
use Phork\Entry\Advice;
use Psr\Http\Server\RequestHandlerInterface;
use Symfony\Component\HttpKernel\HttpKernelInterface;
use Throwable;

final readonly class Json
{
    public const MAX_DEPTH = 10000;

    public const RESULT_FLAGS = JSON_THROW_ON_ERROR
        | JSON_UNESCAPED_SLASHES
        | JSON_UNESCAPED_UNICODE
        | JSON_PRESERVE_ZERO_FRACTION;

    private EmptyObject $emptyObject;

    public function __construct()
    {
        $this->emptyObject = new EmptyObject();
        // Compile the pattern at boot, so that no forked child has to.
        $this->decodeEvent('0');
    }

    /** @throws InvalidEvent */
    public function decodeEvent(string $event): Event
    {
        try {
            $value = json_decode($event, true, self::MAX_DEPTH, JSON_THROW_ON_ERROR);
            $source = EventSource::of($event, $value, $this->emptyObject);

            return new Event($value, $source);
        } catch (JsonException $error) {
            $bytes = \strlen($event);

            throw new InvalidEvent("event: decode JSON of $bytes bytes: {$error->getMessage()}");
        }
    }

    /** @throws InvalidResult */
    public function encodeResult(mixed $result, ?EventSource $source = null): string
    {
        $result = $this->collected($result);
        // json_encode() would write `{}`. A class that was never loaded is not loaded for this.
        if (
            $result instanceof HttpKernelInterface
            || $result instanceof RequestHandlerInterface
            || $result instanceof LaravelKernel
            || $result instanceof Application
        ) {
            throw new InvalidResult(Advice::onKernel($result));
        }
        try {
            $restored = $source === null ? $result : (new SourceInResult($source))->put($result);
            $json = json_encode($restored, self::RESULT_FLAGS, self::MAX_DEPTH);

            return $source === null ? $json : $source->unmarked($json);
        } catch (Throwable $error) {
            // The user needs the trace of an exception that a jsonSerialize() threw.
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
