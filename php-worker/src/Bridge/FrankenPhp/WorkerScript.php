<?php
// SPDX-License-Identifier: MIT
//
// A worker script in php-worker. It runs in a Fiber, which stands still in the script's call of
// frankenphp_handle_request(): so boot ends where the script asks for its first request, a fork
// copies the script with its stack, and each request runs on the main stack, where exit() and
// errors do what they do in any entry. As under FrankenPHP they end the script: the SAPI is told
// (endsScript), and boots again where another request follows (php-worker/sapi/worker_script.h).

declare(strict_types=1);

namespace Phork\Bridge\FrankenPhp;

use Closure;
use Fiber;
use LogicException;
use Phork\Context;
use Phork\Entry\Advice;
use Phork\Entry\HttpEntry;
use Phork\Hooks;
use Phork\Worker\Dispatcher;
use Phork\Worker\Failure;
use Phork\Worker\UnusableEntry;
use Throwable;

final class WorkerScript extends Loop implements HttpEntry
{
    // As php-worker/sapi/learning/rehearsal_item.cpp has it.
    private const REHEARSAL = '00000000-0000-0000-0000-000000000000';

    /** @var Fiber<string, bool, mixed, void> */
    private readonly Fiber $script;

    private Closure $callable;
    private int $errorLevel = 0;

    /** The script's next call gets false. */
    private bool $isOver = false;

    /** The script was ended, and stands in its call for ever. */
    private bool $isBroken = false;

    private function __construct()
    {
        $this->script = new Fiber(runScript(...));
    }

    /** Runs the script up to its first call; a Failure says why it cannot be used. */
    public static function boot(string $file): Dispatcher|Failure
    {
        try {
            return new Dispatcher(self::from($file), Hooks::shared());
        } catch (Throwable $thrown) {
            return Failure::ofEntry($thrown);
        }
    }

    /**
     * @param mixed $file the script's path
     * @throws UnusableEntry
     */
    public static function from(mixed $file): static
    {
        \assert(\is_string($file));
        $self = new self();
        self::begin($self);
        $self->go(static fn () => $self->script->start($file));
        if ($self->script->isTerminated()) {
            throw new UnusableEntry(Advice::onScriptWithoutLoop());
        }
        // For what the script does behind its loop, when this process ends.
        register_shutdown_function($self->end(...));

        return $self;
    }

    public function serve(Context $context): void
    {
        // A page of a rehearsal may call exit(): the script has not noticed.
        $this->isBroken = $context->requestId !== self::REHEARSAL;
        endsScript($this->isBroken);
        ($this->callable)();
        $this->isBroken = false;
        self::sendResponse();
        endsScript(true);
        $this->isOver = isLastRequest();
        $this->go(fn () => $this->script->resume(true));
        endsScript($this->isBroken || $this->script->isTerminated());
    }

    public function handleRequest(Closure $callable): bool
    {
        if (Fiber::getCurrent() !== $this->script) {
            throw new LogicException(Advice::onLoopInRequest());
        }
        if ($this->isOver) {
            return $this->refuse($callable);
        }
        $this->callable = $callable;
        $this->errorLevel = error_reporting();
        $isServed = Fiber::suspend();
        $this->takeErrorLevel();

        return $isServed || $this->refuse($callable);
    }

    protected function leave(): never
    {
        $this->isBroken = true;
        while (true) {
            Fiber::suspend();
        }
    }

    private function end(): void
    {
        if ($this->script->isSuspended() && !$this->isBroken) {
            $this->isOver = true;
            $this->go(fn () => $this->script->resume(false));
        }
    }

    /** @param Closure(): mixed $step lets the script run up to its next call, or to its end */
    private function go(Closure $step): void
    {
        $this->errorLevel = error_reporting();
        $step();
        $this->takeErrorLevel();
    }

    // PHP has an error_reporting() for each Fiber. To the application it is one.
    private function takeErrorLevel(): void
    {
        if (error_reporting() !== $this->errorLevel) {
            error_reporting($this->errorLevel);
        }
    }
}
