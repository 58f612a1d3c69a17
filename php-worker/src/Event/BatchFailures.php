<?php
// SPDX-License-Identifier: MIT
//
// The answer of a function that has served a part of a batch: these records come again, and no
// others. The event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`;
// without it Lambda ignores the answer and takes the whole batch as served.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

declare(strict_types=1);

namespace Phork\Event;

use InvalidArgumentException;
use JsonSerializable;

/** @phpstan-type Identifier array{partition: string, offset: int} */
final class BatchFailures implements JsonSerializable
{
    /** @var array<string, bool> true for each that failed, by id, in the order of the batch */
    private array $failed;

    /**
     * @param list<string> $ids of all records of the batch
     * @param array<string, Identifier> $identifiers that Lambda knows records by, when it is not
     *     the id
     */
    public function __construct(array $ids, private readonly array $identifiers = [])
    {
        $this->failed = array_fill_keys($ids, false);
    }

    /**
     * @throws InvalidArgumentException for an id that no record of the batch has: Lambda would take
     *     the whole batch as failed
     */
    public function add(string $id): void
    {
        if (!isset($this->failed[$id])) {
            $count = \count($this->failed);
            throw new InvalidArgumentException("batchItemFailures: add: expected the id of one of"
                . " the $count records of this batch, got another string");
        }
        $this->failed[$id] = true;
    }

    public function isEmpty(): bool
    {
        return !\in_array(true, $this->failed, true);
    }

    /** @return list<string> */
    public function ids(): array
    {
        return array_map(strval(...), array_keys($this->failed, true, true));
    }

    /** @return array{batchItemFailures: list<array{itemIdentifier: string|Identifier}>} */
    public function toArray(): array
    {
        return ['batchItemFailures' => array_map(
            fn (string $id): array => ['itemIdentifier' => $this->identifiers[$id] ?? $id],
            $this->ids(),
        )];
    }

    /** @return array{batchItemFailures: list<array{itemIdentifier: string|Identifier}>} */
    public function jsonSerialize(): array
    {
        return $this->toArray();
    }
}
