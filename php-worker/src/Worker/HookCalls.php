<?php
// SPDX-License-Identifier: MIT
//
// Calls the application's hooks for the SAPI. The SAPI calls from top level, so each Throwable
// becomes a Failure. Hooks are named by the function that registers them (Hooks.php).

declare(strict_types=1);

namespace Phork\Worker;

use Closure;
use Phork\Context;
use Phork\Hooks;
use ReflectionFunction;
use Throwable;

readonly class HookCalls
{
    private const BEFORE_EVENT = 'Phork\onBeforeEvent';
    private const AFTER_EVENT = 'Phork\onAfterEvent';

    public function __construct(private Hooks $hooks)
    {
    }

    /** For a script, which has no Dispatcher. */
    public static function ofApplication(): self
    {
        return new self(Hooks::shared());
    }

    /** Asked once, so that events and children without hooks are spared the call. */
    public function hasHooks(string $on): bool
    {
        return $this->hooks->of($on) !== [];
    }

    /**
     * Stops at the first hook that throws.
     * @param ?array<string, mixed> $invocation of the event, for hooks that get its Context
     */
    public function runHooks(string $on, ?array $invocation = null): ?Failure
    {
        $arguments = $invocation === null ? [] : [Context::fromInvocation($invocation)];
        $isAside = $on === self::BEFORE_EVENT && $this->answersByOutput();
        foreach ($this->hooks->of($on) as $hook) {
            $failure = self::run($on, $hook, $arguments, $isAside);
            if ($failure !== null) {
                return $failure;
            }
        }

        return null;
    }

    /** A script's output is its answer. */
    protected function answersByOutput(): bool
    {
        return true;
    }

    /**
     * Runs all of them, the last one first. A Failure has the messages of all that threw.
     * @param array<string, mixed> $invocation
     */
    public function runAfterHooks(array $invocation, bool $failed): ?Failure
    {
        $arguments = [Context::fromInvocation($invocation), $failed];
        $first = null;
        foreach (array_reverse($this->hooks->of(self::AFTER_EVENT)) as $hook) {
            $failure = self::run(self::AFTER_EVENT, $hook, $arguments);
            $first = $first === null || $failure === null
                ? $first ?? $failure
                : new Failure($first->type, "$first->message; $failure->message");
        }

        return $first;
    }

    /** @param list<mixed> $arguments */
    private static function run(
        string $on,
        Closure $hook,
        array $arguments,
        bool $isAside = false,
    ): ?Failure {
        try {
            $isAside ? self::runAside($hook, $arguments) : $hook(...$arguments);

            return null;
        } catch (Throwable $thrown) {
            $failure = Failure::fromThrowable($thrown);
            $text = 'a hook of ' . $on . self::place($hook) . ' failed: ' . $failure->message;

            return new Failure($failure->type, $text, $failure->stackTrace);
        }
    }

    /**
     * The answer is about to be made: what the hook prints goes to the log, and not into it.
     * @param list<mixed> $arguments
     */
    private static function runAside(Closure $hook, array $arguments): void
    {
        ob_start();
        try {
            $hook(...$arguments);
        } finally {
            $printed = rtrim((string) ob_get_clean(), "\n");
            if ($printed !== '') {
                error_log($printed);
            }
        }
    }

    /** " (file:line)" of the hook's definition; "" for a function of PHP itself. */
    private static function place(Closure $hook): string
    {
        $function = new ReflectionFunction($hook);
        $file = $function->getFileName();

        return $file === false ? '' : ' (' . $file . ':' . $function->getStartLine() . ')';
    }
}
