<?php
// SPDX-License-Identifier: MIT
//
// The entry: it handles the messages of an SQS queue that the transport `orders` sends to.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

return new Phork\Bridge\Symfony\MessengerHandler(new App\Kernel('prod', false), 'orders');
