<?php
// SPDX-License-Identifier: MIT
//
// A worker of an SQS queue. Each message is an order, `{"number": 7, "amounts": [12.5, 3]}`.

declare(strict_types=1);

$book = static function (string $message): void {
    $order = json_decode($message, true, flags: JSON_THROW_ON_ERROR);
    if (!is_int($order['number'] ?? null) || !is_array($order['amounts'] ?? null)) {
        throw new UnexpectedValueException('expected an order with a number and amounts');
    }
    // A real one writes to a database, and has to bear the same message twice: SQS delivers at
    // least once.
    error_log(sprintf('order %d: booked %.2f', $order['number'], array_sum($order['amounts'])));
};

// Messages that are not named as failed are deleted from the queue; the others come again alone.
return static function (array $event) use ($book): array {
    $failed = $failedGroups = [];
    foreach ($event['Records'] as $record) {
        // Messages of a group in a FIFO queue must not overtake the one that failed.
        $group = $record['attributes']['MessageGroupId'] ?? null;
        if ($group !== null && isset($failedGroups[$group])) {
            $failed[] = ['itemIdentifier' => $record['messageId']];
            continue;
        }
        try {
            $book($record['body']);
        } catch (Throwable $error) {
            // The id and not the message: an order does not belong into a log.
            error_log("message $record[messageId]: {$error->getMessage()}");
            $failed[] = ['itemIdentifier' => $record['messageId']];
            $failedGroups[$group] = true;
        }
    }
    return ['batchItemFailures' => $failed];
};
