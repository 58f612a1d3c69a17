<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App;

use Symfony\Component\DependencyInjection\Attribute\Autowire;
use Symfony\Component\Messenger\Attribute\AsMessageHandler;
use Symfony\Component\Messenger\Exception\UnrecoverableMessageHandlingException;

#[AsMessageHandler]
final readonly class BookOrder
{
    public function __construct(
        private Ledger $ledger,
        #[Autowire(env: 'CURRENCY')] private string $currency,
    ) {
    }

    public function __invoke(Order $order): void
    {
        if ($order->amounts === []) {
            throw new UnrecoverableMessageHandlingException("order $order->number has no amounts");
        }
        // A real one writes to a database, and has to bear the same message twice: SQS delivers at
        // least once.
        $this->ledger->add(array_sum($order->amounts));
        error_log(sprintf(
            'order %d: booked %.2f %s, %d in the ledger',
            $order->number,
            $this->ledger->total(),
            $this->currency,
            $this->ledger->count(),
        ));
    }
}
