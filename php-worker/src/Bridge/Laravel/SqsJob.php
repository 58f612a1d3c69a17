<?php
// SPDX-License-Identifier: MIT
//
// A message of an SQS queue as Laravel's worker sees it. Nothing calls AWS: Lambda deletes the
// message, or the queue brings it again, as the answer of the function says.

declare(strict_types=1);

namespace Phork\Bridge\Laravel;

use Illuminate\Container\Container;
use Illuminate\Contracts\Queue\Job as JobContract;
use Illuminate\Queue\Jobs\Job;
use Phork\Event\Record\SqsRecord;

final class SqsJob extends Job implements JobContract
{
    private bool $isKept = false;

    public function __construct(
        Container $container,
        string $connection,
        private readonly SqsRecord $record,
    ) {
        $this->container = $container;
        $this->connectionName = $connection;
        $this->queue = $record->queueName();
    }

    public function getJobId(): string
    {
        return $this->record->messageId;
    }

    public function getRawBody(): string
    {
        return $this->record->body;
    }

    /** The number of times that the message was received, this time included. */
    public function attempts(): int
    {
        return $this->record->receiveCount;
    }

    /** The failed job is stored where `artisan queue:retry` finds it. */
    public function keep(): void
    {
        $this->isKept = true;
    }

    /** True when the queue may forget the message. */
    public function isDone(): bool
    {
        return $this->isDeleted() && (!$this->hasFailed() || $this->isKept);
    }
}
