<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

use Illuminate\Container\Attributes\Scoped;

/** A service with state: a scoped one, which each job gets anew, under every strategy. */
#[Scoped]
final class Ledger
{
    /** @var list<float> */
    private array $amounts = [];

    public function add(float $amount): void
    {
        $this->amounts[] = $amount;
    }

    public function total(): float
    {
        return array_sum($this->amounts);
    }

    public function count(): int
    {
        return count($this->amounts);
    }
}
