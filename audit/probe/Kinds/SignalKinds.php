<?php
// SPDX-License-Identifier: MIT
//
// Signals: handlers, the mask and timers.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Phork\Audit\CallableName;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Planted\Reactor;

final class SignalKinds implements Family
{
    private const A_DAY_S = 86400;

    public function group(): Group
    {
        return Group::Process;
    }

    public function kinds(): iterable
    {
        $missing = Needs::extension('pcntl');
        yield new Kind(
            'signal-handler',
            'the handler of SIGUSR2',
            static fn () => CallableName::of(pcntl_signal_get_handler(SIGUSR2) ?: null),
            static fn () => pcntl_signal(SIGUSR2, [Reactor::class, 'onSignal']),
            $missing,
        );
        yield new Kind(
            'ignored-signal',
            'an ignored signal, SIGWINCH',
            static fn () => pcntl_signal_get_handler(SIGWINCH) === SIG_IGN,
            static fn () => pcntl_signal(SIGWINCH, SIG_IGN),
            $missing,
        );
        yield new Kind(
            'signal-mask',
            'a blocked signal, SIGURG',
            static fn () => \in_array(SIGURG, self::blocked(), true),
            static fn () => pcntl_sigprocmask(SIG_BLOCK, [SIGURG]),
            $missing,
        );
        yield new Kind(
            'asynchronous-signals',
            'pcntl_async_signals()',
            static fn () => pcntl_async_signals(),
            static fn () => pcntl_async_signals(!pcntl_async_signals()),
            $missing,
        );
        yield $this->alarm($missing);
    }

    private function alarm(string $missing): Kind
    {
        return new Kind(
            'alarm',
            'a pending alarm',
            static function (): bool {
                // Reading the alarm cancels it.
                $left = pcntl_alarm(0);
                if ($left > 0) {
                    pcntl_alarm($left);
                }

                return $left > 0;
            },
            static fn () => pcntl_alarm(self::A_DAY_S),
            $missing,
        );
    }

    /** @return list<int> */
    private static function blocked(): array
    {
        pcntl_sigprocmask(SIG_BLOCK, [SIGURG], $before);
        pcntl_sigprocmask(SIG_SETMASK, $before);

        return $before;
    }
}
