<?php
// SPDX-License-Identifier: MIT
//
// One task of the supervisor, in one request to php-fpm: `hello` replies with the process id,
// `boot` with the kind of event that the entry serves, `event` and `http` serve an event. Every
// reply has the header Phork-Outcome, unless the entry sent the headers itself
// (fastcgi_finish_request): the supervisor then knows that PHP may still be running. The methods
// that prepend.php calls are static, because prepend.php must not have a variable at global scope.

declare(strict_types=1);

namespace Phork\Fpm;

use Phork\Hooks;
use Phork\Worker\Dispatcher;
use Phork\Worker\Failure;
use Phork\Worker\StateRecorder;
use Throwable;

final class Front
{
    private const TASK = '[phork]';
    private const BOOT = 'Phork\onBoot';
    private const BEFORE_EVENT = 'Phork\onBeforeEvent';

    private static self $current;

    /** @param array<string, mixed> $task */
    private function __construct(
        private readonly array $task,
        private readonly Reply $reply,
    ) {
    }

    public static function start(): void
    {
        $task = json_decode(hex2bin((string) getenv(self::TASK)), true, 8, JSON_THROW_ON_ERROR);
        $reply = new Reply($task['task'] === 'http');
        if ($task['task'] === 'hello') {
            $reply->answer(json_encode(['pid' => self::processId()], JSON_THROW_ON_ERROR));
            exit;
        }
        // Register before the application does, to see the error that ended the application and not
        // an error of one of its shutdown functions.
        register_shutdown_function($reply->ended(...));
        self::$current = new self($task, $reply);
        // Errors that are displayed go to the log, unless they go into a response.
        if ($task['task'] !== 'http' && \function_exists('ini_set')) {
            ini_set('html_errors', '0');
        }
        $reply->logOutput();
    }

    public static function prebootFile(): string
    {
        return self::$current->task['preboot'];
    }

    /** True when the entry is a script, which is not run to learn if the application boots. */
    public static function scriptIsNext(): bool
    {
        $front = self::$current;
        if (!\in_array($front->task['kind'], ['script', 'worker'], true)) {
            return false;
        }
        $front->reply->entryIsLoaded();
        if (!Hooks::shared()->isEmpty()) {
            error_log('phork: hooks of a script have no effect under strategy fpm');
        }
        $front->answerBoot('http');

        return true;
    }

    public static function entryFile(): string
    {
        return self::$current->task['file'];
    }

    public static function entryReturned(mixed $returned): void
    {
        $front = self::$current;
        $dispatcher = Dispatcher::boot($returned, $front->task['function']);
        $failure = $dispatcher instanceof Failure ? $dispatcher : $dispatcher->runHooks(self::BOOT);
        if ($failure !== null) {
            $front->reply->fail($failure);
        } else {
            $front->serve($dispatcher);
        }
    }

    public static function entryThrew(Throwable $thrown): void
    {
        self::$current->reply->fail(Failure::ofEntry($thrown));
    }

    private function serve(Dispatcher $dispatcher): void
    {
        $this->reply->entryIsLoaded();
        if ($this->task['task'] === 'boot') {
            $this->answerBoot($dispatcher->serves());

            return;
        }
        $this->recordState($dispatcher);
        register_shutdown_function($this->afterEvent(...), $dispatcher);
        $refused = $dispatcher->runHooks(self::BEFORE_EVENT, $this->task);
        if ($this->task['task'] === 'event') {
            $event = (string) file_get_contents('php://input');
            $result = $refused ?? $dispatcher->serveEvent($event, $this->task);
            $result instanceof Failure
                ? $this->reply->fail($result)
                : $this->reply->answer($result);
        } else {
            $this->reply->stopLoggingOutput();
            $failure = $refused ?? $dispatcher->serveHttp($this->task);
            $failure === null ? $this->reply->complete() : $this->reply->fail($failure);
        }
    }

    // The answer leaves when all shutdown functions have run. Those of the handler come after this
    // one.
    private function afterEvent(Dispatcher $dispatcher): void
    {
        $failure = $dispatcher->runAfterHooks($this->task, $this->reply->hasFailed());
        if ($failure !== null) {
            error_log("phork: after the event: {$failure->type}: {$failure->message}");
        }
    }

    private function recordState(Dispatcher $dispatcher): void
    {
        $file = getenv('PHORK_AUDIT_RECORD');
        if ($file !== false) {
            StateRecorder::record($file, $dispatcher);
        }
    }

    private function answerBoot(string $serves): void
    {
        $answer = ['serves' => $serves];
        $this->reply->answer(json_encode($answer, JSON_THROW_ON_ERROR));
    }

    // php.ini may disable the first two functions.
    private static function processId(): int
    {
        return match (true) {
            \function_exists('getmypid') => (int) getmypid(),
            \function_exists('posix_getpid') => posix_getpid(),
            default => (int) @readlink('/proc/self'),
        };
    }
}
