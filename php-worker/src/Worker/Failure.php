<?php
// SPDX-License-Identifier: MIT
//
// Why an event has no result, as Lambda is told. Always valid UTF-8, whatever an exception says.

declare(strict_types=1);

namespace Phork\Worker;

use Throwable;

final readonly class Failure
{
    public string $type;
    public string $message;

    /** @var list<string> */
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
        return new self(get_debug_type($thrown), $thrown->getMessage(), StackTrace::of($thrown));
    }
}
