<?php
// SPDX-License-Identifier: MIT
//
// State that the kernel keeps for the process, from /proc, without numbers that differ in each
// process.

declare(strict_types=1);

namespace Phork\Audit\State;

use Generator;
use Phork\Audit\Proc;
use Phork\Audit\ValueHash;

final readonly class ProcessState
{
    // Variables that the runtime sets for each event.
    private const OF_THE_EVENT = ['_X_AMZN_TRACE_ID'];

    public function __construct(private ValueHash $hash)
    {
    }

    /** @return Generator<string, string> */
    public function environment(): Generator
    {
        foreach (array_keys(getenv()) as $name) {
            // Under php-fpm getenv() lists the parameters of the request, too.
            $value = getenv($name, true);
            if ($value !== false && !\in_array($name, self::OF_THE_EVENT, true)) {
                yield $name => $this->hash->of($value);
            }
        }
    }

    /** @return array<string, string|int> */
    public function process(): array
    {
        $stat = Proc::stat();

        return [
            'working directory' => (string) getcwd(),
            'umask' => Proc::status('Umask'),
            'name' => Proc::status('Name'),
            'user' => strtr(Proc::status('Uid'), "\t", ' '),
            'group' => strtr(Proc::status('Gid'), "\t", ' '),
            'threads' => Proc::status('Threads'),
            'nice value' => $stat[16] ?? '',
            'oom score' => trim((string) file_get_contents('/proc/self/oom_score_adj')),
            'core filter' => trim((string) file_get_contents('/proc/self/coredump_filter')),
        ];
    }

    /**
     * @return array<string, int> kind of descriptor, or name of file => number of descriptors
     */
    public function descriptors(): array
    {
        $names = array_values(Proc::descriptors());
        // PHP may have opened the script that it is about to run.
        $script = array_search(realpath($_SERVER['SCRIPT_FILENAME'] ?? ''), $names, true);
        if ($script !== false) {
            unset($names[$script]);
        }

        return array_count_values(array_map(self::withoutNumber(...), $names));
    }

    /** @return array<string, int> name of a program => number of children that run it */
    public function children(): array
    {
        $names = [];
        foreach (array_keys(Proc::children()) as $child) {
            $names[] = trim((string) file_get_contents("/proc/$child/comm"));
        }

        return array_count_values($names);
    }

    /** @return array<string, string> */
    public function signals(): array
    {
        return [
            'blocked' => Proc::status('SigBlk'),
            'ignored' => Proc::status('SigIgn'),
            'caught' => Proc::status('SigCgt'),
        ];
    }

    /** @return Generator<string, string> */
    public function limits(): Generator
    {
        foreach (\array_slice(file('/proc/self/limits') ?: [], 1) as $line) {
            // The name is padded to a fixed width and contains blanks.
            [$soft, $hard] = self::words(substr($line, 26));
            yield trim(substr($line, 0, 26)) => "$soft $hard";
        }
    }

    // `socket:[4711]` has the number of an inode; names made by mkstemp() end in six random
    // letters.
    private static function withoutNumber(string $target): string
    {
        $kind = strstr($target, ':[', true);
        if ($kind !== false && $kind !== 'anon_inode') {
            return $kind;
        }
        if (str_starts_with($target, '/proc/')) {
            return '/proc';
        }
        $deleted = ' (deleted)';

        return str_ends_with($target, $deleted)
            ? substr($target, 0, -6 - \strlen($deleted)) . "*$deleted"
            : $target;
    }

    /** @return list<string> */
    private static function words(string $text): array
    {
        $words = array_filter(explode(' ', $text), static fn (string $word) => $word !== '');

        return array_values($words);
    }
}
