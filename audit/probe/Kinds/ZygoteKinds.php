<?php
// SPDX-License-Identifier: MIT
//
// State of the process that forks the next events' processes, which inherit it. One process may
// change it in another of its user.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Closure;
use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Proc;

final class ZygoteKinds implements Family
{
    public function group(): Group
    {
        return Group::Process;
    }

    public function kinds(): iterable
    {
        $missing = self::missing();
        yield new Kind(
            'zygote-priority',
            'the nice value of the zygote',
            // Field 19; Proc::stat() begins with field 3.
            static fn () => (int) Proc::stat(getmypid())[16],
            self::inBoth(static fn (int $process) => pcntl_setpriority(1, $process)),
            $missing ?: Needs::extension('pcntl'),
        );
        yield new Kind(
            'zygote-processors',
            'the processors that the zygote may use',
            self::processors(...),
            self::inBoth(static fn (int $process) => exec(
                'taskset -cp ' . (int) self::processors() . " $process",
            )),
            $missing ?: self::program('taskset') ?: self::severalProcessors(),
        );
        yield new Kind(
            'zygote-limit',
            'the limit on the size of files of the zygote',
            static fn () => posix_getrlimit()['soft filesize'],
            self::inBoth(static fn (int $process) => exec(
                'prlimit --fsize=' . (1 << 40) . ": --pid $process",
            )),
            $missing ?: self::program('prlimit'),
        );
        yield from $this->files($missing);
    }

    private function files(string $missing): Generator
    {
        $read = static fn (string $name) => trim(
            (string) file_get_contents('/proc/' . getmypid() . "/$name"),
        );
        $write = static fn (string $name, string $value) => self::inBoth(
            static fn (int $process) => file_put_contents("/proc/$process/$name", $value),
        );
        yield new Kind(
            'zygote-oom-score',
            'the score by which the kernel picks the zygote to kill when memory runs out',
            static fn () => $read('oom_score_adj'),
            $write('oom_score_adj', '7'),
            $missing ?: Needs::writable('/proc/self/oom_score_adj'),
        );
        yield new Kind(
            'zygote-core-filter',
            'the filter of core dumps of the zygote',
            static fn () => $read('coredump_filter'),
            $write('coredump_filter', '0x31'),
            $missing ?: Needs::writable('/proc/self/coredump_filter'),
        );
    }

    /**
     * Changes the zygote, and the event's own process, where a look shows it at once and which a
     * child replaces that inherits from the zygote.
     */
    private static function inBoth(Closure $change): Closure
    {
        return static function () use ($change): void {
            $change(posix_getppid());
            $change(getmypid());
        };
    }

    private static function missing(): string
    {
        // Asked at boot, in the zygote itself. By its number, as PHP keeps for its children where
        // the link /proc/self led to.
        $line = (string) @file_get_contents('/proc/' . getmypid() . '/cmdline');
        $isZygote = str_contains($line, '--zygote=');

        return $isZygote ? Needs::functions('posix_getppid', 'exec') : 'there is no zygote';
    }

    private static function processors(): string
    {
        return Proc::status('Cpus_allowed_list', getmypid());
    }

    private static function severalProcessors(): string
    {
        return ctype_digit(self::processors()) ? 'needs two processors' : '';
    }

    private static function program(string $name): string
    {
        foreach (explode(':', (string) getenv('PATH')) as $folder) {
            if (is_executable("$folder/$name")) {
                return '';
            }
        }

        return "needs the program $name";
    }
}
