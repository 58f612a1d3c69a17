<?php
// SPDX-License-Identifier: MIT
//
// A handler that was written for Bref: a Bref\Event\Handler (all of Bref's typed handlers are one),
// a PSR-15 RequestHandlerInterface or a callable. It gets what Bref's runtime gives it: the decoded
// event, a Bref\Context\Context and two variables, and event subscribers hear of each event.
// https://bref.sh/docs/runtimes/function

declare(strict_types=1);

namespace Phork\Bridge\Bref;

use Bref\Bref;
use Bref\Context\Context as BrefContext;
use Bref\Event\Handler;
use Bref\Event\Http\Psr15Handler;
use Closure;
use Phork\Context;
use Phork\Entry\EventEntry;
use Phork\Worker\UnusableEntry;
use Psr\Http\Server\RequestHandlerInterface;
use Throwable;

final readonly class BrefEntry implements EventEntry
{
    /** @param Closure(mixed, BrefContext): mixed $call */
    private function __construct(private mixed $handler, private Closure $call)
    {
    }

    /** @throws UnusableEntry */
    public static function from(mixed $returned): ?static
    {
        class_exists(Installed::class) || require __DIR__ . '/Installed.php';
        // Here, so that children of a zygote find Bref's classes loaded.
        $fault = Installed::fault();
        if ($fault !== null) {
            throw new UnusableEntry('entry: serve a handler for Bref: expected '
                . Installed::EXPECTED . ", got $fault; for example\n"
                . "  composer require bref/bref\n"
                . "  <?php\n"
                . "  require __DIR__ . '/vendor/autoload.php';");
        }
        $call = match (true) {
            // Bref's own class makes the request: PSR-15 applications read its attributes.
            $returned instanceof RequestHandlerInterface
                => (new Psr15Handler($returned))->handle(...),
            $returned instanceof Handler => $returned->handle(...),
            \is_callable($returned) => $returned(...),
            default => null,
        };

        return $call === null ? null : new self($returned, $call);
    }

    public function handle(mixed $event, Context $context): mixed
    {
        $theirs = new BrefContext(
            $context->requestId,
            $context->deadlineMs,
            $context->functionArn,
            $context->traceId,
        );
        self::export('LAMBDA_INVOCATION_CONTEXT', json_encode($theirs, JSON_THROW_ON_ERROR));
        self::export('LAMBDA_REQUEST_ID', $context->requestId);
        try {
            Bref::events()->beforeInvoke($this->handler, $event, $theirs);
            $result = ($this->call)($event, $theirs);
        } catch (Throwable $thrown) {
            $this->afterInvoke($event, $theirs, null, $thrown);

            throw $thrown;
        }
        $this->afterInvoke($event, $theirs, $result, null);

        return $result;
    }

    /** As under Bref, an exception here changes no answer; it is logged. */
    private function afterInvoke(
        mixed $event,
        BrefContext $context,
        mixed $result,
        ?Throwable $error,
    ): void {
        try {
            Bref::events()->afterInvoke($this->handler, $event, $context, $result, $error);
        } catch (Throwable $thrown) {
            error_log('phork: a subscriber of Bref failed in afterInvoke(): '
                . get_debug_type($thrown) . ': ' . $thrown->getMessage()
                . " in {$thrown->getFile()}:{$thrown->getLine()}");
        }
    }

    private static function export(string $name, string $value): void
    {
        $_SERVER[$name] = $_ENV[$name] = $value;
        // php.ini may disable it.
        if (\function_exists('putenv')) {
            putenv("$name=$value");
        }
    }
}
