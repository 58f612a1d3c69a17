<?php
// SPDX-License-Identifier: MIT
//
// A handler that greets, for phork and for Bref. Its answer also says how long its process took to
// come here; the bench tells when it started the runtime.

declare(strict_types=1);

$to_handler_us = intdiv(hrtime(true) - (int) getenv('BENCH_STARTED_NS'), 1000);

return static fn (array $event): array => [
    'greeting' => "Hello, {$event['name']}!",
    'to_handler_us' => $to_handler_us,
];
