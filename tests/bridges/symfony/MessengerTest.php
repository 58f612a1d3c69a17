<?php
// SPDX-License-Identifier: MIT
//
// The bridge to Messenger, with Symfony's own packages: those of examples/symfony-messenger.

declare(strict_types=1);

namespace Phork\Tests\Bridge;

use Closure;
use LogicException;
use Phork\Bridge\Symfony\MessengerHandler;
use Phork\Testing\HandlerRun;
use Phork\Testing\Samples;
use Phork\Worker\UnusableEntry;
use PHPUnit\Framework\TestCase;
use RuntimeException;
use Symfony\Component\EventDispatcher\EventDispatcherInterface;
use Symfony\Component\Filesystem\Filesystem;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Event\WorkerMessageFailedEvent;
use Symfony\Component\Messenger\Event\WorkerMessageHandledEvent;
use Symfony\Component\Messenger\Event\WorkerMessageReceivedEvent;
use Symfony\Component\Messenger\Event\WorkerRunningEvent;
use Symfony\Component\Messenger\Event\WorkerStartedEvent;
use Symfony\Component\Messenger\Event\WorkerStoppedEvent;
use Symfony\Component\Messenger\Exception\UnrecoverableMessageHandlingException;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;

require_once __DIR__ . '/../Handlers.php';

final class MessengerTest extends TestCase
{
    use Handlers;

    /** Retries and the dead-letter queue are SQS's: what docs/frameworks.md recommends. */
    private const PLAIN = [
        'transports' => ['async' => [
            'dsn' => 'sqs://default/queue',
            'retry_strategy' => ['max_retries' => 0],
        ]],
        'buses' => ['bus' => ['middleware' => [Watch::class]]],
    ];

    /** Containers are compiled once for each configuration. */
    private static string $folder;

    private string|false $log;

    public static function setUpBeforeClass(): void
    {
        self::$folder = sys_get_temp_dir() . '/phork-messenger-' . bin2hex(random_bytes(8));
        mkdir(self::$folder);
    }

    public static function tearDownAfterClass(): void
    {
        class_exists(Filesystem::class)
            ? (new Filesystem())->remove(self::$folder)
            : rmdir(self::$folder);
    }

    protected function setUp(): void
    {
        if (!class_exists(Filesystem::class)) {
            self::markTestSkipped('there are no packages in examples/symfony-messenger');
        }
        $this->rememberHandlers();
        $this->log = ini_set('error_log', self::$folder . '/log');
        @unlink(self::$folder . '/log');
        [Handler::$handled, Handler::$work] = [[], null];
        [BatchHandler::$batches, Watch::$stamps, Services::$resets] = [[], [], 0];
    }

    protected function tearDown(): void
    {
        if (isset($this->log)) {
            ini_set('error_log', (string) $this->log);
            $this->restoreHandlers();
        }
    }

    public function testMessagesAreHandledWithTheStampsOfAWorker(): void
    {
        self::assertSame([], $this->failed(self::PLAIN, [self::note('a'), self::note('b')]));

        self::assertSame(['a', 'b'], Handler::$handled);
        self::assertSame([
            'received' => 'async',
            'by worker' => true,
            'id' => 'm-1',
            'queue' => 'orders',
        ], Watch::$stamps[0]);
    }

    public function testOnlyAMessageThatFailsComesAgain(): void
    {
        $this->failOn('b', new LogicException('no b'));

        $failed = $this->failed(self::PLAIN, array_map(self::note(...), ['a', 'b', 'c']));

        self::assertSame(['m-2'], $failed);
        self::assertSame(['a', 'b', 'c'], Handler::$handled);
        $line = '/message m-2: Handling .* failed: no b$/m';
        self::assertMatchesRegularExpression($line, $this->log());
    }

    public function testAMessageThatNoRetryCanSaveComesAgainUntilTheQueueMovesIt(): void
    {
        $this->failOn('a', new UnrecoverableMessageHandlingException('never'));

        self::assertSame(['m-1'], $this->failed(self::PLAIN, [self::note('a')]));
    }

    public function testAMessageThatCannotBeDecodedIsNotPrinted(): void
    {
        $failed = $this->failed(self::PLAIN, [['body' => 'secret'], self::note('b')]);

        self::assertSame(['m-1'], $failed);
        self::assertSame(['b'], Handler::$handled);
        self::assertStringContainsString(
            "message m-1: the serializer of transport 'async' cannot decode it: Symfony\\"
                . 'Component\Messenger\Exception\MessageDecodingFailedException',
            $this->log(),
        );
        self::assertStringNotContainsString('secret', $this->log());
    }

    public function testALaterMessageOfAFifoGroupDoesNotOvertake(): void
    {
        $this->failOn('a', new LogicException('no a'));
        $records = [];
        foreach (['a' => 'one', 'b' => 'one', 'c' => 'two'] as $text => $group) {
            $records[] = self::note($text) + ['attributes' => ['MessageGroupId' => $group]];
        }

        $failed = $this->failures($this->kernel(self::PLAIN), $records, sample: 'sqs-fifo');

        self::assertSame(['m-1', 'm-2'], $failed);
        self::assertSame(['a', 'c'], Handler::$handled);
    }

    public function testAMessageThatMessengerSendsAgainIsDone(): void
    {
        $this->failOn('a', new LogicException('no a'));
        $kernel = $this->kernel(['transports' => ['async' => 'in-memory://']]);

        $sent = $this->watchSent($kernel, 'async');

        self::assertSame([], $this->failures($kernel, [self::note('a')]));
        self::assertSame(['a'], $sent());
    }

    public function testAMessageInTheFailureTransportIsDone(): void
    {
        $this->failOn('a', new UnrecoverableMessageHandlingException('never'));
        $kernel = $this->kernel([
            'transports' => ['async' => 'in-memory://', 'failed' => 'in-memory://'],
            'failure_transport' => 'failed',
        ]);

        $sent = $this->watchSent($kernel, 'failed');

        self::assertSame([], $this->failures($kernel, [self::note('a')]));
        self::assertSame(['a'], $sent());
        // A message that fails again, in the failure transport itself, is not lost.
        self::assertSame(['m-1'], $this->failures($kernel, [self::note('a')], 'failed'));
    }

    public function testASenderThatFailsCostsItsMessageAndNoOther(): void
    {
        $this->failOn('a', new LogicException('no a'));
        // There is no transport for this DSN here.
        $kernel = $this->kernel(['transports' => ['async' => 'sqs://default/queue']]);

        self::assertSame(['m-1'], $this->failures($kernel, [self::note('a'), self::note('b')]));
        self::assertSame(['a', 'b'], Handler::$handled);
    }

    public function testAMessageThatIsInABatchTwiceFailsWhenOneOfTheTwoDoes(): void
    {
        $id = ['messageId' => 'm-1'];
        $twice = [$id + self::note('a'), $id + self::note('b')];
        foreach (['a', 'b'] as $text) {
            Handler::$handled = [];
            $this->failOn($text, new LogicException('once'));

            self::assertSame(['m-1'], $this->failed(self::PLAIN, $twice));
            self::assertSame(['a', 'b'], Handler::$handled);
        }
    }

    public function testMessagesAreHandledInBatches(): void
    {
        $failed = $this->failed(self::PLAIN, array_map(
            static fn (string $text): array => self::message(new Batched($text)),
            ['a', 'bad', 'c'],
        ));

        self::assertSame(['m-2'], $failed);
        self::assertSame([['a', 'bad', 'c']], BatchHandler::$batches);
    }

    public function testTheEventsOfAWorkerAreDispatched(): void
    {
        $kernel = $this->kernel(self::PLAIN);
        $dispatcher = $this->dispatcher($kernel);
        $names = [];
        foreach (
            [
                WorkerStartedEvent::class, WorkerMessageReceivedEvent::class,
                WorkerMessageHandledEvent::class, WorkerMessageFailedEvent::class,
                WorkerStoppedEvent::class,
            ] as $class
        ) {
            $name = substr(strrchr($class, '\\'), \strlen('\\Worker'), -\strlen('Event'));
            $dispatcher->addListener($class, static function () use ($name, &$names): void {
                $names[] = $name;
            });
        }
        $this->failOn('b', new LogicException('no b'));

        $this->failures($kernel, [self::note('a'), self::note('b')]);

        $expected = ['Started', 'MessageReceived', 'MessageHandled', 'MessageReceived',
            'MessageFailed', 'Stopped'];
        self::assertSame($expected, $names);
    }

    public function testAListenerThatRefusesAMessageLeavesItInTheQueue(): void
    {
        $kernel = $this->kernel(self::PLAIN);
        $this->dispatcher($kernel)->addListener(
            WorkerMessageReceivedEvent::class,
            static fn (WorkerMessageReceivedEvent $event) => $event->shouldHandle(false),
        );

        self::assertSame(['m-1'], $this->failures($kernel, [self::note('a')]));
        self::assertSame([], Handler::$handled);
    }

    public function testAListenerThatEndsEveryWorkerFailsTheBatch(): void
    {
        $kernel = $this->kernel(self::PLAIN);
        $this->dispatcher($kernel)->addListener(
            WorkerStartedEvent::class,
            static fn () => throw new RuntimeException('not today'),
        );

        $failed = $this->failures($kernel, [self::note('a'), self::note('b')]);

        self::assertSame(['m-1', 'm-2'], $failed);
    }

    public function testServicesAreResetBehindEachMessageAndEachEvent(): void
    {
        $kernel = $this->kernel(self::PLAIN);
        $kernel->boot();
        $kernel->getContainer()->get(Services::class);
        $seen = [];
        Handler::$work = static function () use (&$seen): void {
            $seen[] = Services::$resets;
        };
        $handler = HandlerRun::of(new MessengerHandler($kernel));

        $handler->invoke(Samples::records('sqs', [self::note('a'), self::note('b')]));
        self::assertSame([0, 1], $seen);
        $before = Services::$resets;
        self::assertGreaterThan(1, $before);

        $handler->invoke(Samples::records('sqs', [self::note('c')]));
        self::assertSame($before, $seen[2]);
    }

    public function testTheSerializerOfTheTransportGetsTheHeaders(): void
    {
        $text = static fn (string $value): array => [
            'dataType' => 'String',
            'stringValue' => $value,
        ];
        $messenger = self::PLAIN;
        $messenger['transports']['async']['serializer'] = HeaderSerializer::class;

        $failed = $this->failed($messenger, [['body' => 'a', 'messageAttributes' => [
            'Content-Type' => $text('text/plain'),
            'X-Symfony-Messenger' => $text('{"X-Message-Stamp-A\\\\B":"[{}]"}'),
        ]]]);

        self::assertSame([], $failed);
        self::assertSame(
            ['shop' => 'paris', 'Content-Type' => 'text/plain', 'X-Message-Stamp-A\B' => '[{}]'],
            HeaderSerializer::$headers,
        );
        self::assertSame(['a'], Handler::$handled);
    }

    public function testWhatIsNotThereIsNamed(): void
    {
        foreach (
            [
                'expected framework.messenger to be configured' =>
                    [['enabled' => false], true, 'async'],
                'in registerBundles() or config/bundles.php' => [self::PLAIN, false, 'async'],
                "expected a name of framework.messenger.transports: 'async'" =>
                    [self::PLAIN, true, 'orders'],
            ] as $message => [$messenger, $withBundle, $transport]
        ) {
            try {
                new MessengerHandler($this->kernel($messenger, $withBundle), $transport);
                self::fail("expected: $message");
            } catch (UnusableEntry $unusable) {
                self::assertStringContainsString($message, $unusable->getMessage());
            }
        }
    }

    /** @return array<string, mixed> */
    private static function note(string $text): array
    {
        return self::message(new Note($text));
    }

    /** @return array<string, mixed> */
    private static function message(object $message): array
    {
        return ['body' => (new PhpSerializer())->encode(new Envelope($message))['body']];
    }

    private function failOn(string $text, \Throwable $thrown): void
    {
        Handler::$work = static fn (Note $note) => $note->text === $text ? throw $thrown : null;
    }

    /** @param array<string, mixed> $messenger */
    private function kernel(array $messenger, bool $withBundle = true): TestKernel
    {
        return new TestKernel($messenger, self::$folder, $withBundle);
    }

    private function dispatcher(TestKernel $kernel): EventDispatcherInterface
    {
        $kernel->boot();

        return $kernel->getContainer()->get('event_dispatcher');
    }

    /** @return Closure(): list<string> what the transport sent, which is reset with the services */
    private function watchSent(TestKernel $kernel, string $name): Closure
    {
        $sent = [];
        $dispatcher = $this->dispatcher($kernel);
        $transport = $kernel->getContainer()->get("messenger.transport.$name");
        $dispatcher->addListener(WorkerRunningEvent::class, static function () use (
            $transport,
            &$sent,
        ): void {
            foreach ($transport->getSent() as $envelope) {
                $sent[] = $envelope->getMessage()->text;
            }
        });

        return static function () use (&$sent): array {
            return $sent;
        };
    }

    /**
     * @param array<string, mixed> $messenger
     * @param list<array<string, mixed>> $records
     * @return list<string>
     */
    private function failed(array $messenger, array $records): array
    {
        return $this->failures($this->kernel($messenger), $records);
    }

    /**
     * @param list<array<string, mixed>> $records without an id, they get m-1, m-2 and so on
     * @return list<string>
     */
    private function failures(
        TestKernel $kernel,
        array $records,
        string $transport = 'async',
        string $sample = 'sqs',
    ): array {
        foreach ($records as $index => $record) {
            $records[$index] = $record + ['messageId' => 'm-' . $index + 1];
        }
        $answer = HandlerRun::of(new MessengerHandler($kernel, $transport))
            ->invoke(Samples::records($sample, $records));

        return array_column($answer['batchItemFailures'], 'itemIdentifier');
    }

    private function log(): string
    {
        return (string) @file_get_contents(self::$folder . '/log');
    }
}
