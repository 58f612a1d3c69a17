<?php
// SPDX-License-Identifier: MIT
//
// As Bref's documentation has it.

declare(strict_types=1);

use Bref\Context\Context;

return function (array $event, Context $context): array {
    if (isset($event['fail'])) {
        throw new RuntimeException('there is no such order');
    }
    fwrite(STDERR, "got an event\n");

    return [
        'greeting' => 'Hello, ' . ($event['name'] ?? 'you') . '!',
        'path' => '/orders/é',
        'event' => $event,
        'version' => $context->getInvokedFunctionArn() !== '',
    ];
};
