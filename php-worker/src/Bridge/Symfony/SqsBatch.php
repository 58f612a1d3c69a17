<?php
// SPDX-License-Identifier: MIT
//
// The messages of one event as Messenger's worker receives them, one after the other. A message is
// settled when Messenger has handled it or has sent it on itself; all others come again. Lambda
// deletes the settled ones. A message of a FIFO queue does not overtake one of its group that
// failed.

declare(strict_types=1);

namespace Phork\Bridge\Symfony;

use Phork\Event\BatchFailures;
use Phork\Event\Record\SqsRecord;
use Phork\Event\SqsEvent;
use SplObjectStorage;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Stamp\TransportMessageIdStamp;
use Symfony\Component\Messenger\Transport\Receiver\ReceiverInterface;
use Symfony\Component\Messenger\Transport\Serialization\SerializerInterface;
use Throwable;

final class SqsBatch implements ReceiverInterface
{
    /** Where Symfony's transport puts the headers that cannot be names of message attributes. */
    private const OTHER_HEADERS = 'X-Symfony-Messenger';

    /** @var SplObjectStorage<SqsRecord, true> a batch may have a message twice */
    private readonly SplObjectStorage $settled;

    /** @var array<string, true> groups of a FIFO queue of which a message failed */
    private array $failedGroups = [];

    private int $next = 0;

    public function __construct(
        private readonly SqsEvent $event,
        private readonly SerializerInterface $serializer,
        private readonly string $transport,
    ) {
        $this->settled = new SplObjectStorage();
    }

    /** The number of messages that the worker has taken or that were passed over. */
    public function taken(): int
    {
        return $this->next;
    }

    public function isEmpty(): bool
    {
        return $this->next === \count($this->event);
    }

    /** @return iterable<Envelope> */
    public function get(): iterable
    {
        while (!$this->isEmpty()) {
            $record = $this->event->records[$this->next++];
            $envelope = isset($this->failedGroups[$record->groupId ?? ''])
                ? null
                : $this->decoded($record);
            if ($envelope !== null) {
                yield $envelope;
            }
        }
    }

    public function ack(Envelope $envelope): void
    {
        $this->settle($envelope);
    }

    public function reject(Envelope $envelope): void
    {
        $record = self::recordOf($envelope);
        if ($record !== null && !isset($this->settled[$record])) {
            $this->fail($record);
        }
    }

    public function settle(Envelope $envelope): void
    {
        $record = self::recordOf($envelope);
        if ($record !== null) {
            $this->settled[$record] = true;
        }
    }

    /** For a worker that broke off: the message that it took last comes again. */
    public function failLast(Throwable $why): void
    {
        if ($this->next > 0) {
            $record = $this->event->records[$this->next - 1];
            error_log("message $record->messageId: {$why->getMessage()}");
            $this->fail($record);
        }
    }

    public function failures(): BatchFailures
    {
        $failures = $this->event->failures();
        foreach ($this->event as $record) {
            isset($this->settled[$record]) || $failures->add($record->messageId);
        }

        return $failures;
    }

    public static function recordOf(Envelope $envelope): ?SqsRecord
    {
        return $envelope->last(SqsStamp::class)?->record;
    }

    private function fail(SqsRecord $record): void
    {
        unset($this->settled[$record]);
        // Standard queues have groups, too (fair queues), but no order.
        if ($record->groupId !== null && $record->isFifo()) {
            $this->failedGroups[$record->groupId] = true;
        }
    }

    private function decoded(SqsRecord $record): ?Envelope
    {
        try {
            $envelope = $this->serializer->decode([
                'body' => $record->body,
                'headers' => self::headers($record),
            ]);
        } catch (Throwable $thrown) {
            // A serializer's message may have the text that it could not decode.
            error_log("message $record->messageId: the serializer of transport '$this->transport'"
                . ' cannot decode it: ' . $thrown::class);
            $this->fail($record);

            return null;
        }

        return $envelope->with(
            new SqsStamp($record),
            new TransportMessageIdStamp($record->messageId),
        );
    }

    /** @return array<string, string> */
    private static function headers(SqsRecord $record): array
    {
        $attributes = $record->messageAttributes;
        $others = json_decode($attributes[self::OTHER_HEADERS] ?? '[]', true);
        unset($attributes[self::OTHER_HEADERS]);
        $headers = [];
        foreach ($attributes + (\is_array($others) ? $others : []) as $name => $value) {
            if (\is_string($value)) {
                $headers[(string) $name] = $value;
            }
        }

        return $headers;
    }
}
