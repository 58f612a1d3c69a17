<?php
// SPDX-License-Identifier: MIT
//
// One task of the supervisor, in one request of php-fpm: `hello` tells the process id, `boot` tells
// what the entry serves, `event` and `http` serve. Whatever the entry does, the reply has the
// header Phork-Outcome, unless the entry sent the headers itself (fastcgi_finish_request): then the
// supervisor knows that PHP may still be running. front.php needs static methods: it may not have
// variables.

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
    // PHP registers no variable with a name that begins with '[': neither $_SERVER nor getenv()
    // lists this parameter, and who asks for it by name knows what it is.
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
        // How php-fpm was given its socket is nothing for the application.
        putenv('FPM_SOCKETS');
        unset($_SERVER['FPM_SOCKETS'], $_ENV['FPM_SOCKETS']);

        $reply = new Reply($task['task'] === 'http');
        if ($task['task'] === 'hello') {
            $reply->answer(json_encode(['pid' => getmypid()], JSON_THROW_ON_ERROR));
            exit;
        }
        // Before any of the application's: it has to see the error that ended the application, not
        // one of a shutdown function.
        register_shutdown_function($reply->ended(...));
        self::$current = new self($boot, $task, $reply);
        $reply->logOutput();
    }

    public static function prebootFile(): string
    {
        return self::$current->task['preboot'];
    }

    /** Whether the entry is a script whose turn has come: PHP runs it next. */
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

    /** What php.ini puts before a script, which has had to make room for front.php. */
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

    /** As php-worker does it; see HookCalls. */
    private function recordState(?Dispatcher $dispatcher): void
    {
        $file = getenv('PHORK_AUDIT_RECORD');
        if ($file !== false) {
            StateRecorder::record($file, $dispatcher);
        }
    }

    private function answerBoot(string $serves): void
    {
        $told = ['pid' => getmypid(), 'serves' => $serves];
        $this->reply->answer(json_encode($told, JSON_THROW_ON_ERROR));
    }
}
