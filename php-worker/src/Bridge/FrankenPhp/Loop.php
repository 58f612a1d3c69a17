<?php
// SPDX-License-Identifier: MIT
//
// A worker script that asks for requests: what frankenphp_handle_request() does in this process. It
// is static state, because that function has no object.
// https://frankenphp.dev/docs/worker/

declare(strict_types=1);

namespace Phork\Bridge\FrankenPhp;

use Closure;
use Phork\Entry\Advice;
use ReflectionFunction;

abstract class Loop
{
    // Their loops call terminate() behind every frankenphp_handle_request(), also behind the one
    // that gives false. FrankenPHP gives it once in the life of a worker; here each request's
    // process gets it, and would terminate that request twice.
    private const RUNNERS = [
        'Symfony\Component\Runtime\Runner\FrankenPhpWorkerRunner',
        'Runtime\FrankenPhpSymfony\Runner',
    ];

    private static self $current;

    private bool $hasRefused = false;

    public static function current(): self
    {
        return self::$current;
    }

    /** Has the callable answer a request; false when the script gets no more of them. */
    abstract public function handleRequest(Closure $callable): bool;

    /** Ends the script, in a way that it cannot catch. */
    abstract protected function leave(): never;

    protected static function begin(self $loop): void
    {
        self::$current = $loop;
        $_SERVER['FRANKENPHP_WORKER'] = '1';
    }

    /** Sends the response: the code behind the call runs when the client has it. */
    protected static function sendResponse(): void
    {
        if (\function_exists('session_status') && session_status() === PHP_SESSION_ACTIVE) {
            session_write_close();
        }
        frankenphp_finish_request();
    }

    /** No request is left; see RUNNERS. A script that asks on and on does not get to its end. */
    protected function refuse(Closure $callable): bool
    {
        if ($this->hasRefused) {
            error_log(Advice::onLoopWithoutEnd());
            $this->leave();
        }
        $this->hasRefused = true;
        $function = new ReflectionFunction($callable);
        if (\in_array($function->getClosureScopeClass()?->name, self::RUNNERS, true)) {
            $variables = $function->getStaticVariables();
            // A reference to a variable of the loop, which terminates nothing without it.
            $variables['sfRequest'] = null;
        }

        return false;
    }
}
