<?php
// SPDX-License-Identifier: MIT
//
// Tells whether this event draws the numbers of another one, for generators that take no seed:
// children of a zygote would, if all continued from its state. To plant, an event writes down the
// numbers that it has drawn and, from a copy of its process, those that it would draw next.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;

final class RepeatedDraws
{
    private const COUNT = 4;
    private const AHEAD = 32;

    /** @var list<string> */
    private array $drawn = [];

    /** @param Closure(): (int|float|string) $draw */
    public function __construct(private readonly string $name, private readonly Closure $draw)
    {
    }

    public function isRepeated(): bool
    {
        $mine = $this->drawMany(self::COUNT);
        $this->drawn = [...$this->drawn, ...$mine];
        $file = Scratch::file($this->name);
        $others = is_file($file) ? file($file, FILE_IGNORE_NEW_LINES) : [];

        return array_intersect($mine, $others) !== [];
    }

    public function record(): void
    {
        [$ours, $theirs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $copy = pcntl_fork();
        if ($copy === 0) {
            fwrite($theirs, implode("\n", $this->drawMany(self::AHEAD)));
            // SIGKILL: the copy must not run the worker's own shutdown.
            posix_kill(getmypid(), SIGKILL);
        }
        fclose($theirs);
        $ahead = stream_get_contents($ours);
        pcntl_waitpid($copy, $status);
        file_put_contents(
            Scratch::file($this->name),
            implode("\n", $this->drawn) . "\n$ahead\n",
            FILE_APPEND,
        );
    }

    /** @return list<string> */
    private function drawMany(int $count): array
    {
        $draws = [];
        while (\count($draws) < $count) {
            $draws[] = (string) ($this->draw)();
        }

        return $draws;
    }
}
