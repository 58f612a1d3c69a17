<?php
// SPDX-License-Identifier: MIT
//
// Runs Symfony's own worker over the messages of one event, so that its events, stamps, retries and
// batch handlers are those of messenger:consume. A service of PhorkBundle.

declare(strict_types=1);

namespace Phork\Bridge\Symfony;

use Phork\Event\BatchFailures;
use Phork\Event\SqsEvent;
use Psr\Container\ContainerInterface;
use Psr\Log\LoggerInterface;
use Symfony\Component\EventDispatcher\EventDispatcherInterface;
use Symfony\Component\Messenger\Event\WorkerMessageFailedEvent;
use Symfony\Component\Messenger\Event\WorkerRunningEvent;
use Symfony\Component\Messenger\EventListener\ResetServicesListener;
use Symfony\Component\Messenger\MessageBusInterface;
use Symfony\Component\Messenger\Stamp\SentToFailureTransportStamp;
use Symfony\Component\Messenger\Transport\Serialization\SerializerInterface;
use Symfony\Component\Messenger\Worker;
use Symfony\Contracts\Service\ResetInterface;
use Symfony\Contracts\Service\ServiceProviderInterface;
use Throwable;

final class MessengerWorker
{
    // Behind Symfony's listeners, which retry a message (100) or send it to a failure transport
    // (-100).
    private const LAST = -1000;

    private ?SqsBatch $batch = null;

    /**
     * @param ServiceProviderInterface<SerializerInterface> $serializers by the names of transports
     * @param ?ContainerInterface $failureSenders by the names of transports
     * @param list<string> $failureTransports that such senders send to
     */
    public function __construct(
        private readonly MessageBusInterface $bus,
        private readonly EventDispatcherInterface $dispatcher,
        ResetInterface $resetter,
        private readonly ServiceProviderInterface $serializers,
        private readonly ?ContainerInterface $failureSenders,
        private readonly array $failureTransports,
        private readonly ?LoggerInterface $logger,
    ) {
        $dispatcher->addSubscriber(new ResetServicesListener($resetter));
        $dispatcher->addListener(WorkerMessageFailedEvent::class, $this->failed(...), self::LAST);
        $dispatcher->addListener(WorkerRunningEvent::class, $this->running(...), self::LAST);
    }

    /** @return list<string> */
    public function transports(): array
    {
        return array_keys($this->serializers->getProvidedServices());
    }

    public function work(SqsEvent $event, string $transport): BatchFailures
    {
        $serializer = $this->serializers->get($transport);
        $batch = $this->batch = new SqsBatch($event, $serializer, $transport);
        // A worker ends early when a listener stops it or throws: another one takes the rest. One
        // that has taken no message would end so for ever.
        do {
            $taken = $batch->taken();
            $receivers = [$transport => $batch];
            try {
                (new Worker($receivers, $this->bus, $this->dispatcher, $this->logger))
                    ->run(['sleep' => 0]);
            } catch (Throwable $thrown) {
                $batch->failLast($thrown);
            }
        } while (!$batch->isEmpty() && $batch->taken() > $taken);
        $this->batch = null;

        return $batch->failures();
    }

    private function running(WorkerRunningEvent $event): void
    {
        if ($this->batch !== null && $event->isWorkerIdle()) {
            $event->getWorker()->stop();
        }
    }

    private function failed(WorkerMessageFailedEvent $event): void
    {
        $envelope = $event->getEnvelope();
        $record = SqsBatch::recordOf($envelope);
        if ($this->batch === null || $record === null) {
            return;
        }
        error_log("message $record->messageId: {$event->getThrowable()->getMessage()}");
        // The queue has the message another time, or the failure transport has it: when it came
        // here again from this queue, it would be handled twice.
        if ($event->willRetry() || $this->isInFailureTransport($event)) {
            $this->batch->settle($envelope);
        }
    }

    // In doubt false: the message comes again, and none is lost. Versions of Symfony differ in what
    // they do with a message that comes from a failure transport.
    private function isInFailureTransport(WorkerMessageFailedEvent $event): bool
    {
        $transport = $event->getReceiverName();

        return $this->failureSenders !== null
            && $this->failureSenders->has($transport)
            && !\in_array($transport, $this->failureTransports, true)
            && $event->getEnvelope()->last(SentToFailureTransportStamp::class) === null;
    }
}
