<?php
// SPDX-License-Identifier: MIT
//
// The bridge to Laravel's queue, with Laravel itself: that of examples/laravel-queue.

declare(strict_types=1);

namespace Phork\Tests\Bridge;

use ArrayObject;
use Illuminate\Auth\GenericUser;
use Illuminate\Container\Container;
use Illuminate\Contracts\Console\Kernel;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Database\Schema\Builder;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap\LoadConfiguration;
use Illuminate\Foundation\Configuration\Exceptions;
use LogicException;
use Phork\Bridge\Laravel\QueueHandler;
use Phork\Testing\HandlerRun;
use Phork\Testing\Samples;
use PHPUnit\Framework\TestCase;
use Throwable;

require_once __DIR__ . '/../Handlers.php';

final class QueueTest extends TestCase
{
    use Handlers;

    private string|false $log;
    private string $folder;
    private Application $application;

    /** @var list<string> messages of the exceptions that Laravel's handler got */
    private array $reported = [];

    protected function setUp(): void
    {
        if (!class_exists(Application::class)) {
            self::markTestSkipped('there are no packages in examples/laravel-queue');
        }
        $this->rememberHandlers();
        $this->folder = sys_get_temp_dir() . '/phork-queue-' . bin2hex(random_bytes(8));
        mkdir("$this->folder/bootstrap/cache", 0700, true);
        $this->log = ini_set('error_log', "$this->folder/log");
        [Task::$done, Task::$work, Task::$failures] = [[], null, []];
        $this->application = $this->application();
    }

    protected function tearDown(): void
    {
        if (isset($this->folder)) {
            ini_set('error_log', (string) $this->log);
            (new Filesystem())->deleteDirectory($this->folder);
            $this->restoreHandlers();
        }
    }

    public function testAJobKnowsItsQueueAndItsAttempt(): void
    {
        $seen = [];
        Task::$work = static function (Task $task) use (&$seen): void {
            $job = $task->job;
            $seen = [$job->getConnectionName(), $job->getQueue(), $job->getJobId(),
                $job->attempts()];
        };

        self::assertSame([], $this->failures([self::task('a', receiveCount: 3)]));
        self::assertSame(['a'], Task::$done);
        self::assertSame(['sqs', 'orders', 'm-1', 3], $seen);
    }

    public function testOnlyAJobThatFailsComesAgain(): void
    {
        $this->failOn('b');

        $failed = $this->failures([self::task('a'), self::task('b'), self::task('c')]);

        self::assertSame(['m-2'], $failed);
        self::assertSame(['a', 'b', 'c'], Task::$done);
        self::assertSame(['no b'], $this->reported);
        self::assertStringContainsString("message m-2: no b\n", $this->log());
        self::assertSame([], Task::$failures);
    }

    public function testALaterJobOfAFifoGroupDoesNotOvertake(): void
    {
        $this->failOn('a');

        $failed = $this->failures([self::task('a'), self::task('b')], 'sqs-fifo');

        self::assertSame(['m-1', 'm-2'], $failed);
        self::assertSame(['a'], Task::$done);
    }

    public function testWhatIsNoJobIsNotPrinted(): void
    {
        $failed = $this->failures([
            ['body' => 'secret'],
            ['body' => '{"to": "secret"}'],
            self::task('c'),
        ]);

        self::assertSame(['m-1', 'm-2'], $failed);
        self::assertSame(['c'], Task::$done);
        self::assertStringContainsString(
            'message m-1: Records[0].body: expected JSON',
            $this->log(),
        );
        self::assertStringContainsString(
            "message m-2: expected a job of Laravel's queue, with a field 'job', got other JSON",
            $this->log(),
        );
        self::assertStringNotContainsString('secret', $this->log());
    }

    public function testAReleasedJobComesAgainAndADeletedOneDoesNot(): void
    {
        Task::$work = static fn (Task $task) => match ($task->text) {
            'release' => $task->release(30),
            'delete' => $task->delete(),
        };

        self::assertSame(['m-1'], $this->failures([self::task('release'), self::task('delete')]));
        self::assertStringContainsString('message m-1: the job was released', $this->log());
    }

    public function testAFailedJobThatNobodyStoresGoesToTheDeadLetterQueue(): void
    {
        $this->failOn('a');

        self::assertSame(['m-1'], $this->failures([self::task('a')], tries: 1));
        self::assertSame(['a: no a'], Task::$failures);

        // It is not run a second time.
        self::assertSame(['m-1'], $this->failures([self::task('a', receiveCount: 2)], tries: 1));
        self::assertSame(['a'], Task::$done);
    }

    public function testAFailedJobInTheDatabaseIsDone(): void
    {
        $this->failOn('a');
        $this->useDatabase()->create('failed_jobs', static function (Blueprint $table): void {
            $table->id();
            $table->string('uuid');
            $table->text('connection');
            $table->text('queue');
            $table->longText('payload');
            $table->longText('exception');
            $table->timestamp('failed_at')->nullable();
        });

        self::assertSame([], $this->failures([self::task('a')], tries: 1));
        $stored = $this->application->make('queue.failer')->all();
        self::assertSame(['sqs', 'orders'], [$stored[0]->connection, $stored[0]->queue]);
        self::assertCount(1, $stored);
    }

    public function testAJobThatFailsByItselfComesAgain(): void
    {
        Task::$work = static fn (Task $task) => $task->fail('enough');

        self::assertSame(['m-1'], $this->failures([self::task('a')]));
        self::assertSame(['a: enough'], Task::$failures);
    }

    public function testAFailedJobThatCannotBeStoredIsNeitherLostNorPrinted(): void
    {
        $this->failOn('secret');
        $this->useDatabase();

        self::assertSame(['m-1'], $this->failures([self::task('secret')], tries: 1));
        self::assertStringContainsString(
            'message m-1: the failed job cannot be stored by Illuminate\Queue\Failed\Database'
                . 'UuidFailedJobProvider: Illuminate\Database\QueryException',
            $this->log(),
        );
        self::assertStringNotContainsString('commandName', $this->log());
        self::assertSame(['no secret'], $this->reported);
    }

    public function testAJobsOwnLimitOfExceptionsHolds(): void
    {
        $this->failOn('a');
        $task = ['body' => self::payload(new TaskOfOneException('a'))];

        self::assertSame(['m-1'], $this->failures([$task]));
        self::assertSame(['a: no a'], Task::$failures);
    }

    public function testAJobFindsNothingOfTheLastOne(): void
    {
        $app = $this->application;
        $this->useDatabase();
        $app->make('db')->enableQueryLog();
        $app->scoped('basket', static fn () => new ArrayObject());
        $seen = [];
        Task::$work = static function () use ($app, &$seen): void {
            $seen[] = [
                count($app->make('basket')), $app->getLocale(), $app->make('auth')->hasUser(),
                $app->make('log')->sharedContext(), count($app->make('db')->getQueryLog()),
            ];
            $app->make('db')->select('select 1');
            $app->make('basket')->append('item');
            $app->setLocale('de');
            $app->make('auth')->setUser(new GenericUser(['id' => 1]));
            $app->make('log')->shareContext(['user' => 1]);
        };
        $handler = HandlerRun::of(new QueueHandler($app));

        $handler->invoke($this->batch([self::task('a'), self::task('b')]));
        $handler->invoke($this->batch([self::task('c')]));

        self::assertSame(array_fill(0, 3, [0, 'en', false, [], 0]), $seen);
    }

    private function application(): Application
    {
        $application = Application::configure($this->folder)
            ->withExceptions(function (Exceptions $exceptions): void {
                $exceptions->report(function (Throwable $thrown): bool {
                    $this->reported[] = $thrown->getMessage();

                    return false;
                });
            })
            ->create();
        $application->afterBootstrapping(
            LoadConfiguration::class,
            static fn (Application $application) => $application->make('config')->set([
                'cache.default' => 'array',
                'queue.failed.driver' => 'null',
                'session.driver' => 'array',
            ]),
        );

        return $application;
    }

    /** Failed jobs go into a database in memory. */
    private function useDatabase(): Builder
    {
        $this->application->make(Kernel::class)->bootstrap();
        $this->application->make('config')->set([
            'database.default' => 'memory',
            'database.connections.memory' => ['driver' => 'sqlite', 'database' => ':memory:'],
            'queue.failed' => [
                'driver' => 'database-uuids',
                'database' => 'memory',
                'table' => 'failed_jobs',
            ],
        ]);

        return $this->application->make('db')->connection('memory')->getSchemaBuilder();
    }

    private function failOn(string $text): void
    {
        Task::$work = static fn (Task $task) => $task->text === $text
            ? throw new LogicException("no $text")
            : null;
    }

    /** @return array<string, mixed> */
    private static function task(string $text, int $receiveCount = 1): array
    {
        return [
            'body' => self::payload(new Task($text)),
            'attributes' => ['ApproximateReceiveCount' => (string) $receiveCount],
        ];
    }

    private static function payload(object $job): string
    {
        $payloads = new Payloads();
        $payloads->setContainer(new Container());
        $payloads->setConnectionName('sqs');

        return $payloads->of($job);
    }

    /**
     * @param list<array<string, mixed>> $records which get the ids m-1, m-2 and so on
     * @return array<mixed>
     */
    private static function batch(array $records, string $sample = 'sqs'): array
    {
        foreach ($records as $index => $record) {
            $records[$index] = ['messageId' => 'm-' . $index + 1] + $record;
        }

        return Samples::records($sample, $records);
    }

    /**
     * @param list<array<string, mixed>> $records
     * @return list<string>
     */
    private function failures(array $records, string $sample = 'sqs', int $tries = 0): array
    {
        $handler = new QueueHandler($this->application, tries: $tries);
        $answer = HandlerRun::of($handler)->invoke(self::batch($records, $sample));

        return array_column($answer['batchItemFailures'], 'itemIdentifier');
    }

    private function log(): string
    {
        return (string) @file_get_contents("$this->folder/log");
    }
}
