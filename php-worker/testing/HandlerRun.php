<?php
// SPDX-License-Identifier: MIT
//
// Runs a handler in the test's own process, without the runtime and without AWS: the event passes
// through JSON to the handler and the answer through JSON back, as on Lambda. An exception of the
// handler reaches the test as it was thrown.

declare(strict_types=1);

namespace Phork\Testing;

use Closure;
use InvalidArgumentException;
use Phork\Context;
use Phork\Entry\EntryKinds;
use Phork\Entry\EventEntry;
use Phork\Worker\Json;
use Throwable;

final readonly class HandlerRun
{
    private function __construct(private EventEntry $entry, private Json $json = new Json())
    {
    }

    /** @param mixed $handler that an entry file may return: a closure, an object, a class's name */
    public static function of(mixed $handler): self
    {
        return self::found($handler, '');
    }

    /**
     * @param string $file of the entry. It is run once per process, as on Lambda: PHP cannot
     *     declare its classes twice. Later calls use what it returned or threw
     * @param string $function for a handler setting such as `name.function`
     */
    public static function ofFile(string $file, string $function = ''): self
    {
        if (!is_file($file)) {
            throw new InvalidArgumentException("handler: find '$file': no such file");
        }

        return self::found(self::returnedBy($file), $function);
    }

    /**
     * @param mixed $event an array, such as one of Samples, or an object of an event class
     * @return mixed the answer as its caller decodes it: objects are arrays
     */
    public function invoke(mixed $event = [], ?Context $context = null): mixed
    {
        $text = json_encode($event, Json::RESULT_FLAGS);
        $decoded = $this->json->decodeEvent($text);
        $result = $this->entry->handle(
            $decoded->take(),
            $context ?? Context::fake(rawEvent: $text),
        );
        $answer = $this->json->encodeResult($result, $decoded->source);

        return json_decode($answer, true, Json::MAX_DEPTH, JSON_THROW_ON_ERROR);
    }

    private static function returnedBy(string $file): mixed
    {
        /** @var array<string, Closure> $outcomes of the files, by their real paths */
        static $outcomes = [];
        $path = realpath($file) ?: $file;
        if (!isset($outcomes[$path])) {
            try {
                $returned = (static fn (): mixed => require $file)();
                $outcomes[$path] = static fn (): mixed => $returned;
            } catch (Throwable $thrown) {
                // Its classes are declared, even so.
                $outcomes[$path] = static fn (): never => throw $thrown;
            }
        }

        return $outcomes[$path]();
    }

    private static function found(mixed $handler, string $function): self
    {
        $entry = (new EntryKinds())->find($handler, $function);

        return $entry instanceof EventEntry
            ? new self($entry)
            : throw new InvalidArgumentException('handler: expected one that takes events, got an'
                . " application that serves requests: test it with its framework's own client");
    }
}
