<?php
// SPDX-License-Identifier: MIT
//
// Sends events to a function that runs under the real runtime, `bootstrap`, as `phork invoke`
// starts it: one process tree and one event each time. Without an installed phork its tests are
// skipped and say how to get it; PHPUnit's --fail-on-skipped makes them fail.

declare(strict_types=1);

namespace Phork\Testing;

use PHPUnit\Framework\TestCase;

abstract class RuntimeTestCase extends TestCase
{
    /** All strategies; `fpm` needs php-fpm, and `rollback` a kernel that permits it. */
    final protected const STRATEGIES = ['inprocess', 'exec', 'prespawn', 'fork', 'fpm', 'rollback'];

    /**
     * A data provider: each strategy's name.
     * @return array<string, array{string}>
     */
    final public static function strategies(): array
    {
        return array_combine(
            self::STRATEGIES,
            array_map(static fn (string $name): array => [$name], self::STRATEGIES),
        );
    }

    /** The folder of the application, which becomes LAMBDA_TASK_ROOT. */
    abstract protected function folder(): string;

    /** The handler setting: a file of the folder, or `name.function`. */
    abstract protected function handler(): string;

    /**
     * @param string $strategy by its name, see docs/choosing-a-strategy.md
     * @param mixed $event an array, such as one of Samples, or an object of an event class
     * @param array<string, string> $environment of the function, beside the test's own
     * @throws RuntimeNotStarted with the end of the log, also when the function did not boot
     */
    protected function invoke(
        string $strategy,
        mixed $event = [],
        array $environment = [],
        int $timeoutSeconds = 30,
    ): RuntimeAnswer {
        $phork = Programs::phork() ?? self::markTestSkipped(Programs::ADVICE);
        $files = [tmpfile(), tmpfile(), tmpfile()];
        [$input, $output, $log] = $files;
        if ($input === false || $output === false || $log === false) {
            throw new RuntimeNotStarted('phork invoke: make files in ' . sys_get_temp_dir());
        }
        fwrite($input, json_encode($event, JSON_THROW_ON_ERROR));
        rewind($input);
        $command = [
            $phork, 'invoke', $this->folder(), '--handler', $this->handler(),
            '--strategy', $strategy, '--timeout', (string) $timeoutSeconds, '--event', '-',
        ];
        $process = proc_open($command, $files, $pipes, null, $environment + getenv());
        if ($process === false) {
            throw new RuntimeNotStarted("phork invoke: start $phork: the system refused it");
        }
        $exitCode = proc_close($process);
        rewind($output);
        rewind($log);

        return RuntimeAnswer::fromProcess(
            $exitCode,
            (string) stream_get_contents($output),
            (string) stream_get_contents($log),
        );
    }
}
