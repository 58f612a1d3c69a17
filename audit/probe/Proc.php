<?php
// SPDX-License-Identifier: MIT
//
// Facts about this process and others from /proc. Processes end while we read, and some files may
// not be read: such entries are left out without a warning.

declare(strict_types=1);

namespace Phork\Audit;

final class Proc
{
    /** @return array<int, string> the target of each open descriptor */
    public static function descriptors(): array
    {
        $targets = [];
        foreach (self::numbers('/proc/self/fd') as $number) {
            $target = @readlink("/proc/self/fd/$number");
            if (\is_string($target)) {
                $targets[$number] = $target;
            }
        }

        return $targets;
    }

    /** The value of a field in a process's `status`; '' when it is absent. */
    public static function status(string $field, int|string $process = 'self'): string
    {
        foreach (@file("/proc/$process/status") ?: [] as $line) {
            if (str_starts_with($line, "$field:")) {
                return trim(substr($line, \strlen($field) + 1));
            }
        }

        return '';
    }

    /**
     * The fields of a process's `stat` from the third on: state, parent, ... (proc_pid_stat(5))
     * @return list<string>
     */
    public static function stat(int|string $process = 'self'): array
    {
        $text = (string) @file_get_contents("/proc/$process/stat");
        // The second field is a name in brackets, which may contain any character.
        $end = strrpos($text, ')');

        return $end === false ? [] : explode(' ', trim(substr($text, $end + 2)));
    }

    /** @return array<int, string> state letter of each child by process id */
    public static function children(): array
    {
        $states = [];
        foreach (self::numbers('/proc') as $process) {
            $stat = self::stat($process);
            if (($stat[1] ?? null) === (string) getmypid()) {
                $states[$process] = $stat[0];
            }
        }

        return $states;
    }

    /**
     * The number of processes with this variable in their environment. A killed process that the
     * kernel has not yet removed runs no more code and is not counted.
     */
    public static function countWithVariable(string $name, string $value): int
    {
        return \count(self::withVariable($name, $value));
    }

    /** True when the program of this name runs with the variable in its environment. */
    public static function runsWithVariable(string $program, string $name, string $value): bool
    {
        $isProgram = static fn (int $process): bool =>
            @file_get_contents("/proc/$process/comm") === "$program\n";

        return array_filter(self::withVariable($name, $value), $isProgram) !== [];
    }

    /** @return list<int> */
    private static function withVariable(string $name, string $value): array
    {
        $found = [];
        foreach (self::numbers('/proc') as $process) {
            $variables = explode("\0", (string) @file_get_contents("/proc/$process/environ"));
            if (\in_array("$name=$value", $variables, true) && !self::isEnding($process)) {
                $found[] = $process;
            }
        }

        return $found;
    }

    // Killed (SIGKILL is pending), exiting (PF_EXITING in the flags, field 9 of `stat`) or gone.
    private static function isEnding(int $process): bool
    {
        $sigkill = 1 << (9 - 1);
        $exiting = 4;

        return ((int) hexdec(self::status('SigPnd', $process)) & $sigkill) !== 0
            || ((int) (self::stat($process)[6] ?? $exiting) & $exiting) !== 0;
    }

    /** @return list<int> */
    private static function numbers(string $folder): array
    {
        $names = array_filter(@scandir($folder) ?: [], is_numeric(...));

        return array_map(intval(...), array_values($names));
    }
}
