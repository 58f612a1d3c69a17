<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App\Jobs;

use App\Ledger;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;
use RuntimeException;

final class BookOrder implements ShouldQueue
{
    use Queueable;

    /** @param list<float> $amounts */
    public function __construct(private readonly int $number, private readonly array $amounts)
    {
    }

    public function handle(Ledger $ledger): void
    {
        if ($this->amounts === []) {
            throw new RuntimeException("order $this->number has no amounts");
        }
        // A real one writes to a database, and has to bear the same message twice: SQS delivers at
        // least once.
        $ledger->add(array_sum($this->amounts));
        error_log(sprintf(
            'order %d: booked %.2f, %d in the ledger',
            $this->number,
            $ledger->total(),
            $ledger->count(),
        ));
    }
}
