<?php
// SPDX-License-Identifier: MIT
//
// The booted application, as the SAPI calls it. The SAPI calls from top level, where an exception
// would have no place to go, so every method turns each Throwable into a Failure. The SAPI itself
// handles `exit` and fatal errors.

declare(strict_types=1);

namespace Phork\Worker;

use Closure;
use Phork\Console\Console;
use Phork\Context;
use Phork\Entry\EntryKinds;
use Phork\Entry\EventEntry;
use Phork\Entry\HttpEntry;
use Phork\Hooks;
use Throwable;

final readonly class Dispatcher extends HookCalls
{
    public function __construct(
        private EventEntry|HttpEntry $entry,
        Hooks $hooks,
        private Json $json = new Json(),
    ) {
        parent::__construct($hooks);
    }

    /** Called when the entry file has run, with its value. A Failure says why it cannot be used. */
    public static function boot(mixed $returned, string $function): self|Failure
    {
        return self::of(static fn (): mixed => $returned, $function);
    }

    /** For an entry that is a console, whose file runs only for commands. */
    public static function bootConsole(string $script): self|Failure
    {
        return self::of(static fn (): mixed => Console::boot($script), '');
    }

    /** @param Closure(): mixed $entry */
    private static function of(Closure $entry, string $function): self|Failure
    {
        try {
            return new self((new EntryKinds())->find($entry(), $function), Hooks::shared());
        } catch (Throwable $thrown) {
            return Failure::ofEntry($thrown);
        }
    }

    protected function answersByOutput(): bool
    {
        return $this->entry instanceof HttpEntry;
    }

    /** @return 'event'|'http' the kind of event that the entry takes */
    public function serves(): string
    {
        return $this->entry instanceof EventEntry ? 'event' : 'http';
    }

    /**
     * Returns the result as JSON text, or null after streaming it. A Failure may follow a part of a
     * stream.
     * @param array<string, mixed> $invocation see Context::fromInvocation()
     */
    public function serveEvent(string $event, array $invocation): string|Failure|null
    {
        try {
            if (!$this->entry instanceof EventEntry) {
                throw new InvalidEvent('event: serve: expected an HTTP request, got another event');
            }
            $decoded = $this->json->decodeEvent($event);
            $context = Context::fromInvocation($invocation, $event);

            return $this->answer(
                $this->entry->handle($decoded->take(), $context),
                $decoded->source,
            );
        } catch (InvalidEvent $invalid) {
            return new Failure('Runtime.InvalidEvent', $invalid->getMessage());
        } catch (InvalidResult $invalid) {
            $cause = $invalid->getPrevious();
            $trace = $cause === null ? [] : StackTrace::of($cause);

            return new Failure('Runtime.InvalidResult', $invalid->getMessage(), $trace);
        } catch (Throwable $thrown) {
            return Failure::fromThrowable($thrown);
        }
    }

    /**
     * Answers the request in the superglobals; null when that is done.
     * @param array<string, mixed> $invocation see Context::fromInvocation()
     */
    public function serveHttp(array $invocation): ?Failure
    {
        try {
            if (!$this->entry instanceof HttpEntry) {
                throw new InvalidEvent('event: serve: expected an event, got an HTTP request');
            }
            $this->entry->serve(Context::fromInvocation($invocation));

            return null;
        } catch (InvalidEvent $invalid) {
            return new Failure('Runtime.InvalidEvent', $invalid->getMessage());
        } catch (Throwable $thrown) {
            return Failure::fromThrowable($thrown);
        }
    }

    // Only the stream may hold the result, because a generator ends with its last reference.
    private function answer(mixed $result, ?EventSource $source): ?string
    {
        $stream = ResultStream::isOn() ? ResultStream::of($result) : null;
        if ($stream === null) {
            return $this->json->encodeResult($result, $source);
        }
        unset($result);
        $stream->send();

        return null;
    }
}
