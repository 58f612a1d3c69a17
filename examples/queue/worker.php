<?php
// SPDX-License-Identifier: MIT
//
// A worker of an SQS queue. Each message is an order, `{"number": 7, "amounts": [12.5, 3]}`.

declare(strict_types=1);

use Phork\Event\BatchFailures;
use Phork\Event\Record\SqsRecord;
use Phork\Event\SqsEvent;

$book = static function (SqsRecord $record): void {
    $order = $record->json();
    if (!is_int($order['number'] ?? null) || !is_array($order['amounts'] ?? null)) {
        throw new UnexpectedValueException('expected an order with a number and amounts');
    }
    // A real one writes to a database, and has to bear the same message twice: SQS delivers at
    // least once.
    error_log(sprintf('order %d: booked %.2f', $order['number'], array_sum($order['amounts'])));
};

// Messages for which $book throws come again alone; the others are deleted from the queue.
return static fn (SqsEvent $event): BatchFailures => $event->each($book);
