<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Phork\Context;

return static function (array $event, Context $context): array {
    // Counts events only under the strategies that keep the process: `fork` answers 1 every time.
    static $served = 0;

    return [
        'greeting' => sprintf('Hello, %s!', $event['name'] ?? 'world'),
        'servedByThisProcess' => ++$served,
        'remainingMs' => $context->getRemainingTimeInMillis(),
    ];
};
