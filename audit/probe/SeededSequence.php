<?php
// SPDX-License-Identifier: MIT
//
// Tells whether a generator continues the sequence that an earlier event began with a seed. A
// separate engine computes the numbers of that sequence. A look advances the generator, so it is
// moved back to its position.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;
use Random\Engine\Mt19937;
use Random\Randomizer;

final readonly class SeededSequence
{
    // More numbers than one audit draws.
    private const LENGTH = 64;

    /**
     * @param int $seed differs between sequences, because they share PHP's generator
     * @param Closure(): mixed $draw draws from PHP's own generator
     * @param Closure(Randomizer): mixed $same draws the same from the given generator
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
