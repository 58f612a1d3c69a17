<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

use Symfony\Contracts\Service\ResetInterface;

/** A service with state: it is reset behind each message, under every strategy. */
final class Ledger implements ResetInterface
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

    public function reset(): void
    {
        $this->amounts = [];
    }
}
