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

    /** Of the boot: by the entry, by what its value was used for, or by PHORK_PREBOOT's file. */
    public static function ofEntry(Throwable $thrown): self
    {
        if ($thrown instanceof UnusableEntry) {
            return new self('Runtime.UnusableEntry', $thrown->getMessage());
        }
        $isSyntax = $thrown instanceof CompileError;
        $message = Advice::onUndefined($thrown) ?? $thrown->getMessage();

        return new self(
            $isSyntax ? 'Runtime.UserCodeSyntaxError' : get_debug_type($thrown),
            "$message in {$thrown->getFile()}:{$thrown->getLine()}"
                . Advice::onThrown($thrown),
            StackTrace::of($thrown),
        );
    }
}
