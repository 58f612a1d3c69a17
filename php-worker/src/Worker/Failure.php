<?php
// SPDX-License-Identifier: MIT
//
// Why an event has no result, in the form that Lambda is told. Exceptions may have any bytes in
// their messages; here they are valid UTF-8.

declare(strict_types=1);

namespace Phork\Worker;

use CompileError;
use Phork\Entry\Advice;
use Throwable;

final readonly class Failure
{
    public string $type;
    public string $message;

    /** @var list<string> see StackTrace */
    public array $stackTrace;

    /** @param list<string> $stackTrace */
    public function __construct(string $type, string $message, array $stackTrace = [])
    {
        $this->type = Utf8::clean($type);
        $this->message = Utf8::clean($message);
        $this->stackTrace = array_map(Utf8::clean(...), $stackTrace);
    }

    public static function fromThrowable(Throwable $thrown): self
    {
        $message = Advice::onUndefined($thrown) ?? $thrown->getMessage();

        return new self(get_debug_type($thrown), $message, StackTrace::of($thrown));
    }

    /** For what an entry file throws, or the compiler does. */
    public static function atBoot(Throwable $thrown): self
    {
        $type = $thrown instanceof CompileError ? 'Runtime.UserCodeSyntaxError' : $thrown::class;
        $message = Advice::onUndefined($thrown) ?? $thrown->getMessage();
        $place = "{$thrown->getFile()}:{$thrown->getLine()}";

        return new self($type, "$message in $place", StackTrace::of($thrown));
    }
}
