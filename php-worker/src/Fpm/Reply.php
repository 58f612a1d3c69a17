<?php
// SPDX-License-Identifier: MIT
//
// The reply to the supervisor. A handler's answer is the body, and so is its failure, as JSON. An
// HTTP entry writes its response itself; when it fails, the log gets the error and the client an
// empty 500, unless a part of the response is out already.

declare(strict_types=1);

namespace Phork\Fpm;

use Phork\Worker\Failure;

final class Reply
{
    // Freed before a failure is reported, because the memory limit may have been hit.
    private const RESERVE_BYTES = 32768;

    private bool $given = false;
    private bool $failed = false;
    private bool $entryIsLoaded = false;
    private ?string $reserve;

    public function __construct(private readonly bool $isHttp)
    {
        $this->reserve = str_repeat("\0", self::RESERVE_BYTES);
    }

    /** Sends everything printed from now on to the log. */
    public function logOutput(): void
    {
        ob_start(static function (string $text): string {
            if ($text !== '') {
                file_put_contents('php://stdout', $text);
            }

            return '';
        }, 1);
    }

    public function stopLoggingOutput(): void
    {
        ob_end_flush();
    }

    public function entryIsLoaded(): void
    {
        $this->entryIsLoaded = true;
    }

    public function answer(string $json): void
    {
        $this->send('answer', $json);
    }

    public function hasFailed(): bool
    {
        return $this->failed || $this->isHttp && http_response_code() >= 500;
    }

    public function fail(Failure $failure): void
    {
        $this->failed = true;
        if (!$this->isHttp) {
            $this->send('failure', json_encode($failure, JSON_THROW_ON_ERROR));

            return;
        }
        error_log("PHP Fatal error:  Uncaught {$failure->type}: {$failure->message}\n"
            . implode("\n", $failure->stackTrace));
        $this->replaceResponse();
    }

    /** The entry has written its response and returned, but its shutdown functions have not run. */
    public function complete(): void
    {
        $this->given = true;
        register_shutdown_function(static function (): void {
            if (!headers_sent()) {
                header('Phork-Outcome: done');
            }
        });
    }

    /** The first shutdown function: the entry's code has ended, for whatever reason. */
    public function ended(): void
    {
        $this->reserve = null;
        if ($this->given) {
            return;
        }
        $fatal = FatalError::last();
        if ($fatal !== null) {
            $this->isHttp ? $this->replaceResponse() : $this->fail($fatal);
        } elseif (!$this->isHttp || !$this->entryIsLoaded) {
            $this->fail(new Failure('Runtime.HandlerExited', $this->entryIsLoaded
                ? 'the handler called exit(); a handler ends by returning its result'
                : "the entry called exit() while booting: {$_SERVER['SCRIPT_FILENAME']}"));
        }
    }

    private function send(string $outcome, string $body): void
    {
        $this->given = true;
        while (ob_get_level() > 0 && ob_end_flush()) {
            // the log gets it
        }
        header_remove();
        header("Phork-Outcome: $outcome");
        echo $body;
        // Shutdown functions and destructors may still print.
        $this->logOutput();
    }

    private function replaceResponse(): void
    {
        $this->given = true;
        if (headers_sent()) {
            return;
        }
        while (ob_get_level() > 0 && ob_end_clean()) {
            // discarded
        }
        header_remove();
        http_response_code(500);
    }
}
