<?php
// SPDX-License-Identifier: MIT
//
// Whether a generator goes on with the sequence that an earlier event began with a seed. What it
// would draw is computed with an engine of its own; a generator that was asked and does go on is
// put back to where it was.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;
use Random\Engine\Mt19937;
use Random\Randomizer;

final readonly class SeededSequence
{
    // More than one audit draws.
    private const LENGTH = 64;

    /**
     * @param int $seed another for each sequence: they share PHP's generator
     * @param Closure(): mixed $draw from PHP's own generator
     * @param Closure(Randomizer): mixed $same what that draws from a generator in this state
     */
    public function __construct(
        private int $seed,
        private Closure $draw,
        private Closure $same,
    ) {
    }

    public function begin(): void
    {
        $this->moveTo(0);
    }

    public function goesOn(): bool
    {
        $drawn = ($this->draw)();
        $randomizer = new Randomizer(new Mt19937($this->seed));
        for ($position = 0; $position < self::LENGTH; ++$position) {
            if (($this->same)($randomizer) === $drawn) {
                $this->moveTo($position);

                return true;
            }
        }

        return false;
    }

    private function moveTo(int $position): void
    {
        mt_srand($this->seed);
        for ($drawn = 0; $drawn < $position; ++$drawn) {
            ($this->draw)();
        }
    }
}
