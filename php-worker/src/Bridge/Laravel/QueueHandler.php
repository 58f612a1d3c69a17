<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Bridge\Laravel;

use Illuminate\Contracts\Cache\Repository as Cache;
use Illuminate\Contracts\Console\Kernel;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Foundation\Application;
use Illuminate\Queue\Events\JobFailed;
use Illuminate\Queue\Failed\FailedJobProviderInterface;
use Illuminate\Queue\Failed\FileFailedJobProvider;
use Illuminate\Queue\Failed\NullFailedJobProvider;
use Illuminate\Queue\Worker;
use Illuminate\Queue\WorkerOptions;
use Phork\Entry\LaravelState;
use Phork\Event\BatchFailures;
use Phork\Event\Record\SqsRecord;
use Phork\Event\SqsEvent;
use RuntimeException;
use Throwable;

/**
 * The handler of Laravel's queue on Amazon SQS. Each record is a job that Laravel's own worker
 * processes, as queue:work does; the answer names the messages that come again. See
 * docs/frameworks.md.
 */
final class QueueHandler
{
    /** These lose a failed job, or keep it in a file below /tmp. */
    private const FORGETFUL = [NullFailedJobProvider::class, FileFailedJobProvider::class];

    private readonly Worker $worker;
    private readonly WorkerOptions $options;
    private readonly LaravelState $state;
    private bool $hasWorked = false;

    /**
     * Bootstraps the application as for a console command, so that no event waits for it.
     * @param string $connection of config/queue.php that jobs are told they come from
     * @param int $tries of a job that has no number of its own; 0 for as many as the queue's
     *     maxReceiveCount
     */
    public function __construct(
        private readonly Application $application,
        private readonly string $connection = 'sqs',
        int $tries = 0,
    ) {
        $application->make(Kernel::class)->bootstrap();
        /** @var Worker $worker */
        $worker = $application->make('queue.worker');
        // For a job's $maxExceptions.
        $this->worker = $worker->setCache($application->make(Cache::class));
        $this->options = new WorkerOptions(maxTries: $tries);
        $this->state = LaravelState::of($application);
        $application->make(Dispatcher::class)->listen(JobFailed::class, $this->failed(...));
    }

    public function handle(SqsEvent $event): BatchFailures
    {
        return $event->each($this->work(...));
    }

    /** @throws Throwable when the message has to come again */
    private function work(SqsRecord $record): void
    {
        if (!\is_string($record->json()['job'] ?? null)) {
            throw new RuntimeException("expected a job of Laravel's queue, with a field 'job', got"
                . ' other JSON');
        }
        if ($this->hasWorked) {
            $this->state->forget();
        }
        $this->hasWorked = true;
        $job = new SqsJob($this->application, $this->connection, $record);
        $thrown = null;
        try {
            $this->worker->process($this->connection, $job, $this->options);
        } catch (Throwable $thrown) {
            $this->application->make(ExceptionHandler::class)->report($thrown);
        }
        if (!$job->isDone()) {
            throw $thrown ?? new RuntimeException('the job was released or has failed by itself');
        }
    }

    private function failed(JobFailed $event): void
    {
        $job = $event->job;
        if (!$job instanceof SqsJob) {
            return;
        }
        $failer = $this->application->make(FailedJobProviderInterface::class);
        try {
            $failer->log(
                $event->connectionName,
                $job->getQueue(),
                $job->getRawBody(),
                $event->exception,
            );
        } catch (Throwable $thrown) {
            // The message of a failed query has the job in it.
            error_log("message {$job->getJobId()}: the failed job cannot be stored by "
                . $failer::class . ': ' . $thrown::class);

            return;
        }
        \in_array($failer::class, self::FORGETFUL, true) || $job->keep();
    }
}
