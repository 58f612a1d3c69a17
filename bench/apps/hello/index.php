<?php
// SPDX-License-Identifier: MIT
//
// A handler that greets, for phork and for Bref.

declare(strict_types=1);

return static fn (array $event): array => [
    'greeting' => "Hello, {$event['name']}!",
];
