<?php
// SPDX-License-Identifier: MIT
//
// State that the kernel keeps for a process, and programs that the process has started.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\KeptByFpm;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Proc;
use Phork\Audit\Scratch;

final class ProcessKinds implements Family
{
    private const NAME = '/proc/self/comm';
    private const OOM_SCORE = '/proc/self/oom_score_adj';
    private const CORE_FILTER = '/proc/self/coredump_filter';

    private const VARIABLE = 'PHORK_AUDIT_PROGRAM';

    // Longer than it takes until the next event, and little longer than an audit.
    private const PROGRAM_SECONDS = 30;

    public function group(): Group
    {
        return Group::Process;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'working-directory',
            'the working directory',
            getcwd(...),
            static fn () => chdir('/'),
        );
        yield new Kind(
            'umask',
            'the umask',
            umask(...),
            static fn () => umask(umask() ^ 0o070),
        );
        yield new Kind(
            'environment-variable',
            'a variable of the environment',
            static fn () => getenv('PHORK_AUDIT_PLANTED'),
            static fn () => putenv('PHORK_AUDIT_PLANTED=planted'),
        );
        yield from $this->attributes();
        yield from $this->limits();
        yield from $this->programs();
    }

    private function attributes(): Generator
    {
        yield new Kind(
            'process-name',
            'the name that ps shows',
            static fn () => trim(file_get_contents(self::NAME)),
            static fn () => file_put_contents(self::NAME, Scratch::MARK),
            Needs::writable(self::NAME),
            keptByFpm: KeptByFpm::Kernel,
        );
        yield new Kind(
            'process-title',
            'the title of cli_set_process_title()',
            static fn () => cli_get_process_title(),
            static fn () => cli_set_process_title(Scratch::MARK),
            Needs::functions('cli_set_process_title'),
        );
        yield new Kind(
            'priority',
            'the nice value',
            // Field 19; Proc::stat() begins with field 3.
            static fn () => (int) Proc::stat()[16],
            static fn () => proc_nice(1),
            Needs::functions('proc_nice') ?: Needs::file('/proc/self/stat'),
            keptByFpm: KeptByFpm::Kernel,
        );
        yield new Kind(
            'oom-score',
            'the score by which the kernel picks a process to kill when memory runs out',
            static fn () => (int) file_get_contents(self::OOM_SCORE),
            static fn () => file_put_contents(
                self::OOM_SCORE,
                (string) ((int) file_get_contents(self::OOM_SCORE) + 1),
            ),
            Needs::writable(self::OOM_SCORE),
            keptByFpm: KeptByFpm::Kernel,
        );
        yield new Kind(
            'core-filter',
            'the filter of core dumps',
            static fn () => trim(file_get_contents(self::CORE_FILTER)),
            static fn () => file_put_contents(self::CORE_FILTER, '0x31'),
            Needs::writable(self::CORE_FILTER),
            keptByFpm: KeptByFpm::Kernel,
        );
    }

    private function limits(): Generator
    {
        $tebibyte = 1 << 40;
        yield new Kind(
            'resource-limit',
            'the limit on the size of files',
            static fn () => posix_getrlimit()['soft filesize'],
            static fn () => posix_setrlimit(
                POSIX_RLIMIT_FSIZE,
                $tebibyte,
                (int) (posix_getrlimit()['hard filesize'] === 'unlimited'
                    ? POSIX_RLIMIT_INFINITY
                    : posix_getrlimit()['hard filesize']),
            ),
            Needs::functions('posix_setrlimit'),
            keptByFpm: KeptByFpm::Kernel,
        );
    }

    private function programs(): Generator
    {
        $missing = Needs::functions('proc_open') ?: Needs::file('/proc/self/stat');
        yield new Kind(
            'background-program',
            'a program left running in the background',
            static fn () => Proc::countWithVariable(self::VARIABLE, Scratch::name('program')),
            static fn () => self::leaveRunning('', Scratch::name('program')),
            $missing,
        );
        yield new Kind(
            'detached-program',
            'a program left running in its own session',
            static fn () => Proc::countWithVariable(self::VARIABLE, Scratch::name('daemon')),
            static fn () => self::leaveRunning('exec setsid', Scratch::name('daemon')),
            $missing ?: Needs::file('/usr/bin/setsid'),
        );
        yield new Kind(
            'ended-child',
            'a child process that has ended and was not waited for',
            static fn () => \in_array('Z', Proc::children(), true),
            self::forkAndForget(...),
            Needs::extension('pcntl') ?: Needs::file('/proc/self/stat'),
        );
    }

    // Waits for the program itself: while the shell becomes it, /proc has no environment of it.
    private static function leaveRunning(string $prefix, string $name): void
    {
        $seconds = self::PROGRAM_SECONDS;
        $command = "{ $prefix sh -c 'exec sleep $seconds >&- 2>&-' & } 2>/dev/null";
        $environment = [...getenv(), self::VARIABLE => $name];
        $shell = proc_open($command, [1 => ['pipe', 'w']], $pipes, null, $environment);
        while (!Proc::runsWithVariable('sleep', self::VARIABLE, $name)) {
            usleep(100);
        }
        proc_close($shell);
    }

    private static function forkAndForget(): void
    {
        $child = pcntl_fork();
        if ($child === 0) {
            // SIGKILL: the child must not run the worker's own shutdown.
            posix_kill(getmypid(), SIGKILL);
        }
        while ((Proc::stat($child)[0] ?? 'Z') !== 'Z') {
            usleep(100);
        }
    }
}
