<?php
// SPDX-License-Identifier: MIT
//
// Calls the application's hooks for the SAPI. The SAPI calls from top level, so each Throwable
// becomes a Failure.

declare(strict_types=1);

namespace Phork\Worker;

use Closure;
use Phork\Hooks;
use ReflectionFunction;
use Throwable;

readonly class HookCalls
{
    public function __construct(private Hooks $hooks)
    {
    }

    /** For a script, which has no Dispatcher. */
    public static function ofApplication(): self
    {
        return new self(Hooks::shared());
    }

    /** Called in a forked child before its event. Stops at the first hook that throws. */
    public function runForkHooks(): ?Failure
    {
        return self::run('Phork\onFork', $this->hooks->ofFork());
    }

    /** Asked in the zygote after the seal, so that children without hooks are spared the call. */
    public function hasForkHooks(): bool
    {
        return $this->hooks->ofFork() !== [];
    }

    /** Called in the zygote before the first fork. */
    public function runSealHooks(): ?Failure
    {
        return self::run('Phork\onSeal', $this->hooks->ofSeal());
    }

    /** Called in each process that has booted, before a snapshot. */
    public function runSnapshotHooks(): ?Failure
    {
        return self::run('Phork\onSnapshot', $this->hooks->ofSnapshot());
    }

    /** Called in the same processes, after the restore. */
    public function runRestoreHooks(): ?Failure
    {
        return self::run('Phork\onRestore', $this->hooks->ofRestore());
    }

    /** Asked in the zygote, which is sealed again after hooks have run. */
    public function hasRestoreHooks(): bool
    {
        return $this->hooks->ofRestore() !== [];
    }

    /** @param list<Closure> $hooks */
    private static function run(string $on, array $hooks): ?Failure
    {
        foreach ($hooks as $hook) {
            try {
                $hook();
            } catch (Throwable $thrown) {
                $failure = Failure::fromThrowable($thrown);
                $text = 'a hook of ' . $on . self::place($hook) . ' failed: ' . $failure->message;

                return new Failure($failure->type, $text, $failure->stackTrace);
            }
        }

        return null;
    }

    /** " (file:line)" of the hook's definition; "" for a function of PHP itself. */
    private static function place(Closure $hook): string
    {
        $function = new ReflectionFunction($hook);
        $file = $function->getFileName();

        return $file === false ? '' : ' (' . $file . ':' . $function->getStartLine() . ')';
    }
}
