<?php
// SPDX-License-Identifier: MIT
//
// What the SAPI talks to: one booted application. The SAPI calls from top level, where an exception
// would have nowhere to go, so every method but boot() turns each Throwable into a Failure. `exit`
// and fatal errors are the SAPI's to handle.

declare(strict_types=1);

namespace Phork\Worker;

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

    /** @throws UnusableEntry and whatever the application throws while it boots */
    public static function boot(mixed $returned, string $function): self
    {
        return new self((new EntryKinds())->find($returned, $function), Hooks::shared());
    }

    /** @return 'event'|'http' */
    public function serves(): string
    {
        return $this->entry instanceof EventEntry ? 'event' : 'http';
    }

    /**
     * JSON text; null when the result was streamed to its end; or why there is neither, which may
     * be after a part of it was streamed. For the shape of `$invocation` see Context.
     */
    public function serveEvent(string $event, array $invocation): string|Failure|null
    {
        try {
            if (!$this->entry instanceof EventEntry) {
                throw new InvalidEvent('event: serve: expected an HTTP request, got another event');
            }
            $context = Context::fromInvocation($invocation);

            return $this->answer($this->entry->handle($this->json->decodeEvent($event), $context));
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

    /** Null when the request in the superglobals has been answered. */
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

    // Nobody but the stream may hold the result: a generator ends when it is let go of.
    private function answer(mixed $result): ?string
    {
        $stream = ResultStream::isOn() ? ResultStream::of($result) : null;
        if ($stream === null) {
            return $this->json->encodeResult($result);
        }
        unset($result);
        $stream->send();

        return null;
    }
}
