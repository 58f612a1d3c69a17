<?php
// SPDX-License-Identifier: MIT
//
// Under php-fpm the script runs for each request, and gets that one.

declare(strict_types=1);

namespace Phork\Bridge\FrankenPhp;

use Closure;
use LogicException;
use Phork\Entry\Advice;
use Phork\Fpm\Reply;
use Phork\Worker\Failure;
use Throwable;

final class FpmScript extends Loop
{
    // As PHP sets it after a fatal error.
    private const FATAL = 255;

    private bool $isServing = false;
    private bool $isOver = false;

    public static function start(): void
    {
        self::begin(new self());
    }

    public function handleRequest(Closure $callable): bool
    {
        if ($this->isServing) {
            throw new LogicException(Advice::onLoopInRequest());
        }
        if ($this->isOver) {
            return $this->refuse($callable);
        }
        $this->isOver = true;
        $this->isServing = true;
        try {
            $callable();
        } catch (Throwable $thrown) {
            // As under FrankenPHP, the script does not get to catch it.
            (new Reply(isHttp: true))->fail(Failure::fromThrowable($thrown));
            exit(self::FATAL);
        }
        $this->isServing = false;
        self::sendResponse();

        return true;
    }

    protected function leave(): never
    {
        exit;
    }
}
