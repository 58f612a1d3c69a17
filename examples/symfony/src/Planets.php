<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

final readonly class Planets
{
    private const DIAMETER_KM = [
        'Mercury' => 4879,
        'Venus' => 12104,
        'Earth' => 12756,
        'Mars' => 6792,
        'Jupiter' => 142984,
        'Saturn' => 120536,
        'Uranus' => 51118,
        'Neptune' => 49528,
    ];

    /** @return array<string, int> diameters by name, the largest first */
    public function atLeast(int $diameterKm): array
    {
        $planets = array_filter(self::DIAMETER_KM, static fn (int $km): bool => $km >= $diameterKm);
        arsort($planets);

        return $planets;
    }
}
