<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace RandomCase;

use Random\Randomizer;

/** Writes each letter as a capital or a small one, by chance. */
final readonly class RandomCase
{
    public function __construct(private Randomizer $chance = new Randomizer())
    {
    }

    public function write(string $text): string
    {
        return implode('', array_map($this->writeLetter(...), mb_str_split($text)));
    }

    private function writeLetter(string $letter): string
    {
        $isCapital = $this->chance->getInt(0, 1) === 1;

        // The simple modes: a letter stays one letter.
        return mb_convert_case($letter, $isCapital ? MB_CASE_UPPER_SIMPLE : MB_CASE_LOWER_SIMPLE);
    }
}
