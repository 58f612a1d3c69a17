<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

/** The message: an order with the amounts of its lines. */
final readonly class Order
{
    /** @param list<float> $amounts */
    public function __construct(public int $number, public array $amounts)
    {
    }
}
