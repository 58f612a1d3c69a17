<?php
// SPDX-License-Identifier: MIT
//
// The entry: it handles the messages of an SQS queue that the transport `orders` sends to.

declare(strict_types=1);

use App\Kernel;
use Phork\Bridge\Symfony\MessengerHandler;
use Symfony\Component\Dotenv\Dotenv;

require __DIR__ . '/vendor/autoload.php';

// Variables of the function come first, then .env.local.php or .env.
(new Dotenv())->bootEnv(__DIR__ . '/.env');

$kernel = new Kernel($_SERVER['APP_ENV'], (bool) $_SERVER['APP_DEBUG']);

return new MessengerHandler($kernel, 'orders');
