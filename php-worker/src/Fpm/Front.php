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

use Closure;
use CompileError;
use Phork\Worker\Dispatcher;
use Phork\Worker\Failure;
use Phork\Worker\StackTrace;
use Phork\Worker\StateRecorder;
use Throwable;

final class Front
{
    // PHP registers no variable whose name begins with '[': the application sees this parameter
    // neither in $_SERVER nor in getenv(), unless it asks for the name.
    private const TASK = '[phork]';

    private static self $current;

    /** @param array<string, mixed> $task */
    private function __construct(
        private readonly Closure $boot,
        private readonly array $task,
        private readonly Reply $reply,
    ) {
    }

    public static function start(Closure $boot): void
    {
        $task = json_decode((string) getenv(self::TASK), true, 8, JSON_THROW_ON_ERROR);
        // The application does not have to know how php-fpm got its socket.
        putenv('FPM_SOCKETS');
        unset($_SERVER['FPM_SOCKETS'], $_ENV['FPM_SOCKETS']);
        // For programs that the application starts. PHP restores it when the request ends.
        if ($task['traceId'] !== '') {
            putenv('_X_AMZN_TRACE_ID=' . $task['traceId']);
        }

        $reply = new Reply($task['task'] === 'http');
        if ($task['task'] === 'hello') {
            $reply->answer(json_encode(['pid' => getmypid()], JSON_THROW_ON_ERROR));
            exit;
        }
        // Register before the application does, to see the error that ended the application and not
        // an error of one of its shutdown functions.
        register_shutdown_function($reply->ended(...));
        self::$current = new self($boot, $task, $reply);
        $reply->logOutput();
    }

    public static function prebootFile(): string
    {
        return self::$current->task['preboot'];
    }

    /** True when the entry is a script: PHP runs it next. */
    public static function scriptTakesOver(): bool
    {
        $front = self::$current;
        if ($front->task['kind'] !== 'script') {
            return false;
        }
        $front->reply->entryIsLoaded();
        if ($front->task['task'] === 'boot') {
            $front->answerBoot('http');
            exit;
        }
        $front->recordState(null);
        $front->reply->stopLoggingOutput();
        $front->reply->leaveToScript();

        return true;
    }

    /** The auto_prepend_file of php.ini, whose place prepend.php has taken. */
    public static function prependedFile(): string
    {
        $file = get_cfg_var('auto_prepend_file');

        return \is_string($file) ? $file : '';
    }

    public static function entryFile(): string
    {
        return self::$current->task['file'];
    }

    public static function entryReturned(mixed $returned): void
    {
        $front = self::$current;
        $dispatcher = ($front->boot)($returned, $front->task['function']);
        if ($dispatcher instanceof Failure) {
            $front->reply->fail($dispatcher);
        } else {
            $front->serve($dispatcher);
        }
    }

    public static function entryThrew(Throwable $thrown): void
    {
        $type = $thrown instanceof CompileError ? 'Runtime.UserCodeSyntaxError' : $thrown::class;
        $place = "{$thrown->getFile()}:{$thrown->getLine()}";
        $message = "{$thrown->getMessage()} in $place";
        self::$current->reply->fail(new Failure($type, $message, StackTrace::of($thrown)));
    }

    private function serve(Dispatcher $dispatcher): void
    {
        $this->reply->entryIsLoaded();
        if ($this->task['task'] === 'boot') {
            $this->answerBoot($dispatcher->serves());

            return;
        }
        $this->recordState($dispatcher);
        if ($this->task['task'] === 'event') {
            $event = (string) file_get_contents('php://input');
            $result = $dispatcher->serveEvent($event, $this->task);
            $result instanceof Failure
                ? $this->reply->fail($result)
                : $this->reply->answer($result);
        } else {
            $this->reply->stopLoggingOutput();
            $failure = $dispatcher->serveHttp($this->task);
            $failure === null ? $this->reply->complete() : $this->reply->fail($failure);
        }
    }

    /** Does for php-fpm what php-worker does with HookCalls::recordState(). */
    private function recordState(?Dispatcher $dispatcher): void
    {
        $file = getenv('PHORK_AUDIT_RECORD');
        if ($file !== false) {
            StateRecorder::record($file, $dispatcher);
        }
    }

    private function answerBoot(string $serves): void
    {
        $answer = ['pid' => getmypid(), 'serves' => $serves];
        $this->reply->answer(json_encode($answer, JSON_THROW_ON_ERROR));
    }
}
